import { FRAME, METHODS, TributaryError, checkShape, type MethodName, type RefusalHead } from '@tributary/schemas';
import type { Clock } from '../clock.ts';
import { ClientError } from '../errors.ts';
import { encodeFrame, readFrame, type EncodedFrame, type FrameHeader, type FrameOf, type RawFrame } from './frame.ts';
import { overloadedRetryMs } from './limits.ts';
import type { Outbox } from './outbox.ts';
import type { Pace } from './pace.ts';
import { fittedRefusal, refusalHeadOf, refusalOf } from './refusal.ts';
import { createRecordSender, type RecordSender } from './records.ts';
import type { AskOutcome, CallContext, LinkHandlers, LinkLimits } from './types.ts';

type RequestFrame = FrameOf<typeof FRAME.ask> | FrameOf<typeof FRAME.call>;

/** The peer's asks and calls: bounded, passed to the handlers, each answered exactly once. */
export interface Responder {
  /** Once the peer has said how many bytes of records it remembers. */
  open(recordsBytesMax: number): void;
  /** @throws ClientError LINK_LIMIT or LINK_PROTOCOL when this request is not allowed now */
  expect(header: FrameHeader): void;
  accept(frame: RawFrame): void;
  /** @throws ClientError LINK_PROTOCOL for an id that was never used */
  cancel(id: number): void;
  /** Starts the requests that had to wait until earlier answers were taken. */
  resume(): void;
  /** Aborts every handler. Their results are dropped. */
  stop(): void;
  readonly serving: number;
}

interface Job {
  readonly frame: RawFrame;
  cancelled: boolean;
  replied: boolean;
  controller: AbortController | undefined;
  stopTimer: (() => void) | undefined;
}

export interface ResponderOptions {
  readonly handlers: LinkHandlers;
  readonly peer: string;
  readonly host: string | undefined;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly limits: LinkLimits;
  /** Called with every change of the number of held bytes. */
  holds(bytes: number): void;
  readonly pace: Pace;
  /** Ends the link. */
  broke(error: unknown): void;
}

interface State extends ResponderOptions {
  readonly jobs: Map<number, Job>;
  readonly waiting: Set<Job>;
  /** What the peer has of earlier answers. */
  readonly records: RecordSender;
  heldBytes: number;
  /** Number of replies that were sent. */
  replies: number;
  stopped: boolean;
}

export function createResponder(options: ResponderOptions): Responder {
  const records = createRecordSender(options.holds);
  const state: State = { ...options, records, jobs: new Map(), waiting: new Set(), heldBytes: 0, replies: 0, stopped: false };
  const { jobs, waiting, limits } = state;
  let lastId = 0;
  let accepted = 0;
  let cancels = 0;
  return {
    open: (recordsBytesMax) => records.open(recordsBytesMax),
    expect(header) {
      if (header.id <= lastId) throw new ClientError('LINK_PROTOCOL', `request id ${header.id} after ${lastId}`);
      // Replies that the peer does not take add no places.
      const most = Math.min(limits.requestsMax, limits.requestsStart + state.replies);
      if (jobs.size >= most) throw new ClientError('LINK_LIMIT', `more than ${most} unanswered requests`);
    },
    accept(frame) {
      lastId = frame.id;
      accepted += 1;
      const job: Job = { frame, cancelled: false, replied: false, controller: undefined, stopTimer: undefined };
      jobs.set(frame.id, job);
      state.heldBytes += frame.bytes;
      state.holds(frame.bytes);
      if (state.heldBytes > limits.requestsBytesMax) {
        const message = `more than ${limits.requestsBytesMax} bytes of unanswered requests`;
        refuse(state, job, refusalHeadOf('OVERLOADED', message, overloadedRetryMs));
        return;
      }
      waiting.add(job);
      startWaiting(state);
    },
    cancel(id) {
      if (id > lastId) throw new ClientError('LINK_PROTOCOL', `cancel of request ${id}, which was never sent`);
      cancels += 1;
      if (cancels > accepted + limits.requestsMax)
        throw new ClientError('LINK_PROTOCOL', `${cancels} cancels of ${accepted} requests`);
      const job = jobs.get(id);
      if (job === undefined || job.replied) return;
      abort(job);
      if (waiting.delete(job)) refuse(state, job, refusalHeadOf('ABORTED', 'cancelled before it was started'));
    },
    resume: () => startWaiting(state),
    stop() {
      state.stopped = true;
      for (const job of jobs.values()) {
        job.stopTimer?.();
        abort(job);
      }
      jobs.clear();
      waiting.clear();
    },
    get serving() {
      return jobs.size;
    },
  };
}

function startWaiting(state: State): void {
  for (const job of state.waiting) {
    // No new work for a peer that does not take its answers.
    if (state.stopped || state.outbox.backlogged) return;
    if (!state.pace.take()) return;
    state.waiting.delete(job);
    const ms = state.limits.handlerTimeoutMs;
    job.stopTimer = state.clock.after(ms, () => {
      refuse(state, job, refusalHeadOf('DEADLINE', `not answered within ${ms} ms`));
      abort(job);
    });
    try {
      void work(state, job, readFrame(job.frame) as RequestFrame);
    } catch (error) {
      return state.broke(error);
    }
  }
}

async function work(state: State, job: Job, frame: RequestFrame): Promise<void> {
  const { handlers, peer, host } = state;
  const context = {
    peer,
    host,
    // Created on first access, because most handlers never need it.
    get signal() {
      job.controller ??= new AbortController();
      if (job.cancelled) job.controller.abort();
      return job.controller.signal;
    },
  };
  try {
    if (frame.type === FRAME.call) {
      const result = await answerCall(handlers, frame, context);
      reply(state, job, () => encodeFrame(FRAME.result, frame.id, { result }));
      return;
    }
    const outcome = await handlers.ask(Object.assign(context, { head: frame.head, body: frame.body }));
    if ('refusal' in outcome) refuse(state, job, fittedRefusal(outcome.refusal));
    else replyAnswer(state, job, outcome);
  } catch (error) {
    const head = refusalOf(error);
    if (head.code === 'INTERNAL') handlers.fault?.(error);
    refuse(state, job, head);
  }
}

type Answer = Extract<AskOutcome, { readonly receipt: unknown }>;

function replyAnswer(state: State, job: Job, { receipt, body, records = [] }: Answer): void {
  let queued = (): void => undefined;
  const encode = (): EncodedFrame => {
    if (records.length === 0) return encodeFrame(FRAME.answer, job.frame.id, { receipt }, body);
    const encoded = state.records.encode(records);
    queued = encoded.queued;
    const head = { receipt, records: encoded.bytes };
    return encodeFrame(FRAME.answer, job.frame.id, head, Buffer.concat([body, ...encoded.parts]));
  };
  if (reply(state, job, encode)) queued();
}

/** False when nothing was sent. */
function reply(state: State, job: Job, encode: () => EncodedFrame): boolean {
  if (job.replied || state.stopped) return false;
  let frame: EncodedFrame;
  try {
    frame = encode();
  } catch (error) {
    state.handlers.fault?.(error);
    refuse(state, job, refusalHeadOf('INTERNAL', 'the answer does not fit one frame'));
    return false;
  }
  job.stopTimer?.();
  job.replied = true;
  state.outbox.sendWindowed(frame, () => left(state, job));
  return true;
}

function refuse(state: State, job: Job, head: RefusalHead): void {
  if (job.replied || state.stopped) return;
  const frame = encodeFrame(FRAME.refusal, job.frame.id, head);
  job.stopTimer?.();
  job.replied = true;
  state.outbox.send(frame, () => left(state, job));
}

// A request counts until its reply has left. So a peer that keeps asking and never reads is stopped by its own
// requests.
function left(state: State, job: Job): void {
  if (!state.jobs.delete(job.frame.id)) return;
  state.replies += 1;
  state.heldBytes -= job.frame.bytes;
  state.holds(-job.frame.bytes);
}

function abort(job: Job): void {
  job.cancelled = true;
  job.controller?.abort();
}

async function answerCall(handlers: LinkHandlers, frame: FrameOf<typeof FRAME.call>, context: CallContext): Promise<unknown> {
  const { method } = frame.head;
  if (!isMethod(method)) throw new TributaryError('METHOD_UNKNOWN', `method ${method} is unknown here`);
  const params = checkShape(METHODS[method].params, frame.head.params, `parameters of ${method}`);
  const result = await handlers.call(method, params, context);
  try {
    return checkShape(METHODS[method].result, result, `result of ${method}`);
  } catch (cause) {
    // Without a code: a result of the wrong shape is a fault of this node, and the peer must not see details.
    throw new Error(`the handler of ${method} gave a wrong result`, { cause });
  }
}

function isMethod(method: string): method is MethodName {
  return Object.hasOwn(METHODS, method);
}
