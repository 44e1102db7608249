import {
  FRAME,
  linkRecordsBytesMax,
  METHODS,
  checkShape,
  type MethodName,
  type MethodParams,
  type MethodResult,
} from '@tributary/schemas';
import { ClientError } from '../errors.ts';
import { createAsker, type AnswerReply, type Asker } from './asker.ts';
import { systemClock, type Clock } from '../clock.ts';
import {
  createFrameDecoder,
  encodeFrame,
  type EncodedFrame,
  type Frame,
  type FrameHeader,
  type FrameOf,
  type RawFrame,
} from './frame.ts';
import {
  abandonedTimeoutMs,
  askTimeoutMs,
  handlerTimeoutMs,
  helloTimeoutMs,
  linkQueueMax,
  linkRequestsBytesMax,
  linkRequestsMax,
  linkRequestsStart,
  linkStallMs,
  linkWindowBytes,
} from './limits.ts';
import { createOutbox, type Outbox } from './outbox.ts';
import { createStrangerPace } from './pace.ts';
import { RefusalError, readRefusal } from './refusal.ts';
import { createRecordReader, type RecordReader } from './records.ts';
import { createResponder, type Responder } from './responder.ts';
import type { AskReply, ByteStream, Link, LinkHello, LinkLimits, LinkOptions, WaitOptions } from './types.ts';

const DEFAULTS: LinkLimits = {
  requestsMax: linkRequestsMax,
  requestsStart: linkRequestsStart,
  requestsBytesMax: linkRequestsBytesMax,
  windowBytes: linkWindowBytes,
  recordsBytesMax: linkRecordsBytesMax,
  queueMax: linkQueueMax,
  askTimeoutMs,
  helloTimeoutMs,
  handlerTimeoutMs,
  stallTimeoutMs: linkStallMs,
  abandonedTimeoutMs,
};

/** Runs the relay protocol over one stream; both sides may ask. A violation by the peer ends the link. */
export function createLink(stream: ByteStream, options: LinkOptions): Link {
  const { handlers, peer = 'unknown', host, clock = systemClock } = options;
  const limits: LinkLimits = { ...DEFAULTS, ...options.limits };
  const ready = deferred<LinkHello>();
  const closed = deferred<ClientError>();
  let ended = false;

  const end = (reason: ClientError, last: 'close' | 'abort' | 'gone'): void => {
    if (ended) return;
    ended = true;
    cancelHelloTimer();
    held?.leave();
    pace.stop();
    responder.stop();
    outbox.stop(last === 'close');
    asker.fail(reason);
    if (last === 'close') stream.close();
    if (last === 'abort') stream.abort(reason);
    ready.reject(reason);
    closed.resolve(reason);
  };
  const broke = (error: unknown): void => end(reasonOf(error), 'abort');

  const valued = () => options.valued?.() ?? true;
  const tooMuch = () => broke(new ClientError('LINK_LIMIT', 'this node holds too much, and most of it for this link'));
  const held = options.held?.join(tooMuch, () => !valued());
  const holds = (bytes: number) => held?.add(bytes);
  const pace = (options.strangers ?? soleStranger(clock)).join(host ?? peer, valued, () => responder.resume());
  const outbox: Outbox = createOutbox({
    stream,
    clock,
    stallTimeoutMs: limits.stallTimeoutMs,
    windowBytes: limits.windowBytes,
    stalled: () => broke(new ClientError('LINK_LIMIT', `the peer took nothing for ${limits.stallTimeoutMs} ms`)),
    relieved: () => responder.resume(),
    holds,
  });
  const asker: Asker = createAsker({
    outbox,
    clock,
    limits,
    unanswered: () => broke(new ClientError('LINK_LIMIT', 'the peer never replied to a cancelled request')),
  });
  const responder: Responder = createResponder({ handlers, peer, host, outbox, clock, limits, holds, pace, broke });
  const cancelHelloTimer = clock.after(limits.helloTimeoutMs, () =>
    broke(new ClientError('LINK_PROTOCOL', `no hello within ${limits.helloTimeoutMs} ms`)),
  );

  const greeted = (hello: LinkHello): void => {
    cancelHelloTimer();
    outbox.open(Math.min(hello.windowBytes, limits.windowBytes));
    asker.open(Math.min(hello.requestsMax, limits.requestsMax));
    responder.open(hello.recordsBytesMax);
    ready.resolve(hello);
  };
  const parts = { asker, responder, outbox, ended: () => ended };
  const receive = createReceiver({ ...parts, limits, greeted, holds });
  stream.onClose((error) => {
    const why = error === undefined ? 'the peer or the transport ended it' : error.message;
    end(new ClientError('LINK_CLOSED', why, { cause: error }), 'gone');
  });
  stream.onData((bytes) => {
    if (ended) return;
    try {
      receive(bytes);
    } catch (error) {
      broke(error);
    }
  });
  outbox.send(helloOf(limits));

  const facts = { peer, host, ready: ready.promise, closed: closed.promise };
  return linkFace(facts, parts, (reason) => end(new ClientError('LINK_CLOSED', reason), 'close'));
}

const reasonOf = (error: unknown): ClientError =>
  error instanceof ClientError ? error : new ClientError('LINK_PROTOCOL', String(error), { cause: error });

const helloOf = ({ requestsMax, windowBytes, recordsBytesMax }: LinkLimits): EncodedFrame =>
  encodeFrame(FRAME.hello, 0, { v: 1, requestsMax, windowBytes, recordsBytesMax });

interface Parts {
  readonly outbox: Outbox;
  readonly asker: Asker;
  readonly responder: Responder;
  ended(): boolean;
}

/** A link without a node has a budget of its own. */
const soleStranger = (clock: Clock) => createStrangerPace(clock, () => true);

/** The handle that the owner of a link gets. */
function linkFace(
  facts: Pick<Link, 'peer' | 'host' | 'ready' | 'closed'>,
  { asker, responder, outbox, ended }: Parts,
  close: (reason: string) => void,
): Link {
  return {
    ...facts,
    ask: (head, body, wait = {}) => ask(asker, head, body, wait),
    call: (method, params, wait = {}) => call(asker, method, params, wait),
    close: (reason = 'closed by this node') => close(reason),
    get isOpen() {
      return !ended();
    },
    get inFlight() {
      return asker.inFlight;
    },
    get serving() {
      return responder.serving;
    },
    get bufferedBytes() {
      return outbox.bufferedBytes;
    },
  };
}

interface ReceiverParts extends Parts {
  readonly limits: LinkLimits;
  greeted(hello: LinkHello): void;
  holds(bytes: number): void;
}

/** Turns bytes into events of the three parts, and enforces the order of frames and the answer window. */
function createReceiver({ outbox, asker, responder, limits, greeted, holds, ended }: ReceiverParts): (bytes: Uint8Array) => void {
  let helloSeen = false;
  const records = createRecordReader(limits.recordsBytesMax);

  const header = (next: FrameHeader): void => {
    if ((next.type === FRAME.hello) === helloSeen)
      throw new ClientError('LINK_PROTOCOL', helloSeen ? 'a second hello frame' : 'the first frame is not a hello');
    if (next.type === FRAME.ask || next.type === FRAME.call) responder.expect(next);
    if (next.type === FRAME.answer || next.type === FRAME.result || next.type === FRAME.refusal) asker.expect(next);
    if (next.type !== FRAME.answer && next.type !== FRAME.result) return;
    const uncredited = outbox.uncreditedBytes;
    if (uncredited > 0 && uncredited + next.bytes > limits.windowBytes)
      throw new ClientError(
        'LINK_LIMIT',
        `${uncredited + next.bytes} bytes of answers ahead of credit; at most ${limits.windowBytes}`,
      );
  };

  const request = (raw: RawFrame): void => {
    if (!ended()) responder.accept(raw);
  };
  const frame = (next: Frame): void => {
    if (ended()) return;
    switch (next.type) {
      case FRAME.hello: {
        helloSeen = true;
        const { requestsMax, windowBytes, recordsBytesMax } = next.head;
        return greeted({ requestsMax, windowBytes, recordsBytesMax });
      }
      case FRAME.answer:
        outbox.consumed(next.bytes);
        return asker.settle(withRecords(next, records));
      case FRAME.result:
        outbox.consumed(next.bytes);
        return asker.settle(next);
      case FRAME.refusal:
        return asker.settle(next);
      case FRAME.credit:
        return outbox.credited(next.head.bytes);
      case FRAME.cancel:
        return responder.cancel(next.id);
    }
  };

  const decoder = createFrameDecoder({ header, request, frame });
  return (bytes) => {
    const before = decoder.heldBytes;
    decoder.push(bytes);
    holds(decoder.heldBytes - before);
  };
}

/** The records are read for every answer, also for one that nobody waits for any more: the peer counts on it. */
function withRecords(answer: FrameOf<typeof FRAME.answer>, records: RecordReader): AnswerReply {
  const { records: bytes = 0 } = answer.head;
  const { body } = answer;
  if (bytes > body.length) throw new ClientError('LINK_PROTOCOL', `an answer of ${body.length} bytes has ${bytes} of records`);
  const end = body.length - bytes;
  return { ...answer, body: body.subarray(0, end), records: bytes === 0 ? [] : records.read(body.subarray(end)) };
}

async function ask(asker: Asker, head: Parameters<Link['ask']>[0], body: Uint8Array, wait: WaitOptions): Promise<AskReply> {
  const reply = await asker.request((id) => encodeFrame(FRAME.ask, id, head, body), FRAME.answer, wait);
  if (reply.type === FRAME.refusal) return { kind: 'refusal', ...readRefusal(reply.head) };
  if (reply.type === FRAME.answer)
    return { kind: 'answer', receipt: reply.head.receipt, body: reply.body, records: reply.records };
  throw new ClientError('LINK_PROTOCOL', 'an ask was answered with a result');
}

async function call<M extends MethodName>(
  asker: Asker,
  method: M,
  params: MethodParams<M>,
  wait: WaitOptions,
): Promise<MethodResult<M>> {
  const checked = checkShape(METHODS[method].params, params, `parameters of ${method}`);
  const reply = await asker.request((id) => encodeFrame(FRAME.call, id, { method, params: checked }), FRAME.result, wait);
  if (reply.type === FRAME.refusal) throw new RefusalError(readRefusal(reply.head));
  if (reply.type !== FRAME.result) throw new ClientError('LINK_PROTOCOL', `${method} was answered with an answer frame`);
  try {
    return checkShape(METHODS[method].result, reply.head.result, `result of ${method}`) as MethodResult<M>;
  } catch (cause) {
    throw new ClientError('LINK_PROTOCOL', (cause as Error).message, { cause });
  }
}

/** A promise to settle later. Its rejection counts as handled. */
function deferred<T>() {
  const parts = Promise.withResolvers<T>();
  parts.promise.catch(() => undefined);
  return parts;
}
