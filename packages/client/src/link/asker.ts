import { FRAME } from '@tributary/schemas';
import type { Clock } from '../clock.ts';
import { ClientError } from '../errors.ts';
import { encodeFrame, type EncodedFrame, type FrameHeader, type FrameOf } from './frame.ts';
import { askTimeoutMsMax } from './limits.ts';
import type { Outbox } from './outbox.ts';
import type { LinkLimits, RecordBytes, WaitOptions } from './types.ts';

/** An answer and its records. `body` is its text. */
export type AnswerReply = FrameOf<typeof FRAME.answer> & { readonly records: readonly RecordBytes[] };
export type Reply = AnswerReply | FrameOf<typeof FRAME.result> | FrameOf<typeof FRAME.refusal>;

/** This side's asks and calls, and who waits for them. */
export interface Asker {
  /**
   * Sends a request as soon as the peer has room for it, and resolves with its reply. `replyType` is the type of a
   * successful reply.
   */
  request(encode: (id: number) => EncodedFrame, replyType: Reply['type'], wait: WaitOptions): Promise<Reply>;
  /** Applies the peer's hello: the number of unanswered requests it accepts. */
  open(requestsMax: number): void;
  /** @throws ClientError LINK_PROTOCOL when nobody waits for this reply */
  expect(header: FrameHeader): void;
  settle(reply: Reply): void;
  /** Rejects everything pending, and every later request. */
  fail(error: ClientError): void;
  readonly inFlight: number;
}

interface Waiter {
  readonly encode: (id: number) => EncodedFrame;
  readonly replyType: Reply['type'];
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: Error) => void;
  /** Clears the timer and the abort listener. */
  release: () => void;
  /** 0 until it is sent. */
  id: number;
  abandoned: boolean;
}

export interface AskerOptions {
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly limits: LinkLimits;
  /** Called when the peer never answered a request that was cancelled long ago. */
  unanswered(): void;
}

interface State extends AskerOptions {
  readonly queue: Set<Waiter>;
  readonly sent: Map<number, Waiter>;
  places: number;
  replies: number;
  lastId: number;
  failure: ClientError | undefined;
}

export function createAsker(options: AskerOptions): Asker {
  const state: State = { ...options, queue: new Set(), sent: new Map(), places: 0, replies: 0, lastId: 0, failure: undefined };
  const { queue, sent } = state;
  return {
    request(encode, replyType, wait) {
      const refused = whyNot(state, wait);
      if (refused !== undefined) return Promise.reject(refused);
      return new Promise<Reply>((resolve, reject) => {
        const waiter = { encode, replyType, resolve, reject, release: () => undefined, id: 0, abandoned: false };
        limitWait(state, waiter, wait);
        queue.add(waiter);
        sendQueued(state);
      });
    },
    open(requestsMax) {
      state.places = requestsMax;
      sendQueued(state);
    },
    expect(header) {
      const waiter = sent.get(header.id);
      if (waiter === undefined) throw new ClientError('LINK_PROTOCOL', `reply to request ${header.id}, which is not pending`);
      if (header.type !== FRAME.refusal && header.type !== waiter.replyType)
        throw new ClientError('LINK_PROTOCOL', `reply of type ${header.type} to request ${header.id}`);
    },
    settle(reply) {
      const waiter = sent.get(reply.id);
      if (waiter === undefined) return;
      sent.delete(reply.id);
      state.replies += 1;
      waiter.release();
      if (!waiter.abandoned) waiter.resolve(reply);
      sendQueued(state);
    },
    fail(error) {
      state.failure = error;
      const pending = [...queue, ...sent.values()];
      queue.clear();
      sent.clear();
      for (const waiter of pending) {
        waiter.release();
        waiter.reject(closedError(error));
      }
    },
    get inFlight() {
      return queue.size + sent.size;
    },
  };
}

function whyNot(state: State, { signal }: WaitOptions): ClientError | undefined {
  const { failure, sent, queue, limits } = state;
  if (failure !== undefined) return closedError(failure);
  if (signal?.aborted) return aborted();
  if (sent.size < placesNow(state) || queue.size < limits.queueMax) return undefined;
  return new ClientError('LINK_LIMIT', `${queue.size} requests already wait on this link`);
}

/** Ends the wait for a reply on a timeout or when the caller cancels. */
function limitWait(state: State, waiter: Waiter, { timeoutMs = state.limits.askTimeoutMs, signal }: WaitOptions): void {
  const ms = Math.min(timeoutMs, askTimeoutMsMax);
  const onAbort = () => abandon(state, waiter, aborted());
  const stopTimer = state.clock.after(ms, () =>
    abandon(state, waiter, new ClientError('ASK_TIMEOUT', `no reply within ${ms} ms`)),
  );
  signal?.addEventListener('abort', onAbort, { once: true });
  waiter.release = () => {
    stopTimer();
    signal?.removeEventListener('abort', onAbort);
  };
}

/** A new link has few places, and each reply adds one (docs/spec/relay.md, Windows). */
const placesNow = ({ places, replies, limits }: State): number => Math.min(places, limits.requestsStart + replies);

function sendQueued(state: State): void {
  for (const waiter of state.queue) {
    if (state.sent.size >= placesNow(state)) return;
    state.queue.delete(waiter);
    try {
      const frame = waiter.encode(state.lastId + 1);
      state.lastId += 1;
      waiter.id = state.lastId;
      state.sent.set(waiter.id, waiter);
      state.outbox.send(frame);
    } catch (error) {
      waiter.release();
      waiter.reject(error as Error);
    }
  }
}

// A request that was sent keeps its place until the peer replies, so that both sides count the same requests.
function abandon(state: State, waiter: Waiter, error: ClientError): void {
  waiter.release();
  if (!state.queue.delete(waiter)) {
    waiter.abandoned = true;
    waiter.release = state.clock.after(state.limits.abandonedTimeoutMs, state.unanswered);
    state.outbox.send(encodeFrame(FRAME.cancel, waiter.id, {}));
  }
  waiter.reject(error);
}

function aborted(): ClientError {
  return new ClientError('ABORTED', 'the caller no longer waits for this reply');
}

function closedError(cause: ClientError): ClientError {
  return new ClientError('LINK_CLOSED', `the link is closed: ${cause.message}`, { cause });
}
