import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { FRAME, linkRecordsBytesMax, TributaryError } from '@tributary/schemas';
import { creditHoldMs } from './limits.ts';
import { createLink } from './link.ts';
import { memoryStreamPair } from '../testing/memory-stream.ts';
import { echo, manualClock, pair, rawPeer, settle, text, wide } from '../testing/link-peers.ts';
import { sampleAsk, sampleReceipt } from '../testing/samples.ts';
import type { AskOutcome, ByteStream, IncomingAsk, LinkHandlers } from './types.ts';

describe('asks and calls', () => {
  it('go both ways at once, each to its own reply', async () => {
    const [left, right] = pair();
    const asks = Array.from({ length: 300 }, (_, n) => [left.ask(sampleAsk, text(`l${n}`)), right.ask(sampleAsk, text(`r${n}`))]);
    const replies = await Promise.all(asks.flat());
    const bodies = replies.map((reply) => reply.kind === 'answer' && Buffer.from(reply.body).toString());
    expect(bodies).toEqual(asks.flatMap((_, n) => [`l${n}`, `r${n}`]));
    expect([left.inFlight, left.serving, right.inFlight, right.serving, left.bufferedBytes]).toEqual([0, 0, 0, 0, 0]);
  });

  it('tell each side what the other accepts', async () => {
    const [left, right] = pair({ limits: { requestsMax: 3, windowBytes: 1_000 } });
    expect(await right.ready).toEqual({ requestsMax: 3, windowBytes: 1_000, recordsBytesMax: linkRecordsBytesMax });
    expect((await left.ready).requestsMax).toBeGreaterThan(3);
  });

  it('check parameters and results against the method', async () => {
    const [left] = pair();
    expect(await left.call('credit', { payer: 'x' })).toEqual({ available: '5', unit: 'credit' });
    await expect(left.call('credit', { payer: 5 } as never)).rejects.toMatchObject({ code: 'INPUT_SHAPE' });
  });

  it('turn what a handler throws into a refusal, and keep what has no code to themselves', async () => {
    const faults: unknown[] = [];
    const thrown = [new TributaryError('RATE_LIMITED', 'slow down \ud800'), new Error('secret path /root'), 'not an error'];
    const handlers: LinkHandlers = {
      ask: async ({ body }) => {
        throw thrown[body[0]!];
      },
      call: async () => ({ available: 'a wrong result' }),
      fault: (error) => void faults.push(error),
    };
    const [left] = pair({}, { handlers });
    const internal = { kind: 'refusal', code: 'INTERNAL', peerCode: 'INTERNAL', message: 'internal error', retryAfterMs: null };
    expect(await left.ask(sampleAsk, Buffer.of(0))).toMatchObject({ code: 'RATE_LIMITED', message: 'slow down \ufffd' });
    expect(await left.ask(sampleAsk, Buffer.of(1))).toEqual(internal);
    expect(await left.ask(sampleAsk, Buffer.of(2))).toEqual(internal);
    await expect(left.call('credit', { payer: 'x' })).rejects.toMatchObject({ code: 'INTERNAL', peerCode: 'INTERNAL' });
    expect(faults.slice(0, 2)).toEqual(thrown.slice(1));
    expect(faults).toHaveLength(3);
  });

  it('refuse an unknown method, an over-long answer, and cut an over-long message', async () => {
    const { send, of } = rawPeer({}, wide);
    send(FRAME.call, 1, { method: 'toString', params: {} });
    send(FRAME.call, 2, { method: 'credit', params: { payer: 'x', more: 1 } });
    await vi.waitFor(() => expect(of(FRAME.refusal)).toHaveLength(2));
    expect(of(FRAME.refusal).map(({ head }) => head)).toMatchObject([{ code: 'METHOD_UNKNOWN' }, { code: 'INPUT_SHAPE' }]);
    const outcomes: AskOutcome[] = [
      { receipt: sampleReceipt, body: new Uint8Array(4_194_305) },
      { refusal: { code: 'DEADLINE', message: '€'.repeat(2_000), retryAfterMs: 1 } },
      { refusal: { code: 'X'.repeat(20_000), message: '', retryAfterMs: null } },
    ];
    const [left] = pair({}, { handlers: { ...echo, ask: async () => outcomes.shift()! } });
    expect(await left.ask(sampleAsk, text(''))).toMatchObject({ kind: 'refusal', code: 'INTERNAL' });
    const cut = await left.ask(sampleAsk, text(''));
    expect(cut.kind === 'refusal' && Buffer.byteLength(cut.message)).toBeGreaterThan(2_000);
    expect(await left.ask(sampleAsk, text(''))).toMatchObject({ kind: 'refusal', code: 'LINK_LIMIT' });
  });

  it('keep an unknown code as text and answer INTERNAL for it', async () => {
    const { link, send, of } = rawPeer({}, wide);
    const asked = link.ask(sampleAsk, text(''));
    const called = link.call('peers', {});
    await vi.waitFor(() => expect(of(FRAME.call)).toHaveLength(1));
    send(FRAME.refusal, 1, { code: 'toString', message: 'm', retryAfterMs: 5 });
    send(FRAME.refusal, 2, { code: 'FROM_THE_FUTURE', message: 'm', retryAfterMs: null });
    expect(await asked).toEqual({ kind: 'refusal', code: 'INTERNAL', peerCode: 'toString', message: 'm', retryAfterMs: 5 });
    await expect(called).rejects.toMatchObject({ code: 'INTERNAL', peerCode: 'FROM_THE_FUTURE' });
  });

  it('reject a result of the wrong shape and leave the link standing', async () => {
    const { link, send, of } = rawPeer({}, wide);
    const called = link.call('credit', { payer: 'x' });
    await vi.waitFor(() => expect(of(FRAME.call)).toHaveLength(1));
    send(FRAME.result, 1, { result: { available: -1 } });
    await expect(called).rejects.toMatchObject({ code: 'LINK_PROTOCOL' });
    void link.ask(sampleAsk, text('')).catch(() => undefined);
    await vi.waitFor(() => expect(of(FRAME.ask)).toHaveLength(1));
  });
});

describe('coalescing', () => {
  it('writes the frames of one turn together', async () => {
    const [mine, theirs] = memoryStreamPair();
    const writes: number[] = [];
    const counted: ByteStream = { ...mine, write: (bytes) => (writes.push(bytes.length), mine.write(bytes)) };
    const left = createLink(counted, { handlers: echo });
    createLink(theirs, { handlers: echo });
    await left.ready;
    await settle();
    writes.length = 0;
    const asks = Array.from({ length: 50 }, () => left.ask(sampleAsk, text('q')));
    await nextTurn();
    expect(writes).toHaveLength(1);
    await Promise.all(asks);
  });
});

describe('waiting', () => {
  it('ends at its time with a cancel, and the late answer is dropped and credited', async () => {
    const { clock, advance } = manualClock();
    const { link, send, of } = rawPeer({ clock }, wide);
    const asked = link.ask(sampleAsk, text('q'), { timeoutMs: 500 });
    asked.catch(() => undefined);
    await advance(499);
    expect(of(FRAME.cancel)).toHaveLength(0);
    await advance(1);
    await expect(asked).rejects.toMatchObject({ code: 'ASK_TIMEOUT' });
    expect(of(FRAME.cancel)).toMatchObject([{ id: 1 }]);
    expect(link.inFlight).toBe(1);
    send(FRAME.answer, 1, { receipt: sampleReceipt }, text('late'));
    await settle();
    expect([link.inFlight, of(FRAME.credit).length]).toEqual([0, 0]);
    await advance(creditHoldMs);
    expect(of(FRAME.credit)).toHaveLength(1);
  });

  it('credits what it consumed with the next frame, or at once when that is much of the window', async () => {
    const { clock } = manualClock();
    const { link, send, of } = rawPeer({ clock, limits: { windowBytes: 8_000 } }, wide);
    const asks = [1, 2].map(() => link.ask(sampleAsk, text('q')));
    await settle();
    send(FRAME.answer, 1, { receipt: sampleReceipt }, text('short'));
    await settle();
    expect(of(FRAME.credit)).toHaveLength(0);
    asks.push(link.ask(sampleAsk, text('q')));
    await settle();
    expect(of(FRAME.credit)).toHaveLength(1);
    send(FRAME.answer, 2, { receipt: sampleReceipt }, text('x'.repeat(1_000)));
    await settle();
    expect(of(FRAME.credit)).toHaveLength(2);
    send(FRAME.answer, 3, { receipt: sampleReceipt }, text('last'));
    await Promise.all(asks);
  });

  it('ends when the caller aborts, before and after it was sent', async () => {
    const { link, of } = rawPeer({}, { requestsMax: 1, windowBytes: 1_000 });
    await link.ready;
    const controllers = [new AbortController(), new AbortController()];
    const asks = controllers.map(({ signal }) => link.ask(sampleAsk, text('q'), { signal }));
    for (const controller of controllers) controller.abort();
    for (const ask of asks) await expect(ask).rejects.toMatchObject({ code: 'ABORTED' });
    await expect(link.ask(sampleAsk, text('q'), { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'ABORTED' });
    await settle();
    expect([of(FRAME.ask).length, of(FRAME.cancel).length, link.inFlight]).toEqual([1, 1, 1]);
  });

  it('sends no more than the peer has places for, and refuses what would wait without bound', async () => {
    const { link, send, of } = rawPeer({ limits: { queueMax: 2 } }, { requestsMax: 2, windowBytes: 1_000 });
    await link.ready;
    const asks = Array.from({ length: 4 }, () => link.ask(sampleAsk, text('q')));
    await expect(link.ask(sampleAsk, text('q'))).rejects.toMatchObject({ code: 'LINK_LIMIT' });
    await settle();
    expect(of(FRAME.ask).map(({ id }) => id)).toEqual([1, 2]);
    for (const id of [2, 1, 3, 4]) {
      send(FRAME.answer, id, { receipt: sampleReceipt }, text('a'));
      await settle();
    }
    await Promise.all(asks);
    expect(of(FRAME.ask).map(({ id }) => id)).toEqual([1, 2, 3, 4]);
  });

  it('begins with few requests, and adds one for each reply', async () => {
    const { link, send, of } = rawPeer({ limits: { requestsStart: 2 } }, { requestsMax: 4, windowBytes: 1_000 });
    await link.ready;
    const asks = Array.from({ length: 8 }, () => link.ask(sampleAsk, text('q')));
    const sent: number[] = [];
    for (const id of [1, 2, 3, 4]) {
      await settle();
      sent.push(of(FRAME.ask).length);
      send(FRAME.answer, id, { receipt: sampleReceipt }, text('a'));
    }
    await settle();
    expect([...sent, of(FRAME.ask).length]).toEqual([2, 4, 6, 7, 8]);
    for (const id of [5, 6, 7, 8]) send(FRAME.answer, id, { receipt: sampleReceipt }, text('a'));
    await Promise.all(asks);
  });

  it('accepts few requests of a new peer, and one more for each reply that left', async () => {
    const waiting: (() => void)[] = [];
    const ask: LinkHandlers['ask'] = async () => {
      await new Promise<void>((resolve) => waiting.push(resolve));
      return { receipt: sampleReceipt, body: text('a') };
    };
    const { link, send } = rawPeer({ handlers: { ...echo, ask }, limits: { requestsStart: 2 } }, wide);
    for (const id of [1, 2]) send(FRAME.ask, id, sampleAsk, text('q'));
    await settle();
    waiting.shift()!();
    await settle();
    for (const id of [3, 4]) send(FRAME.ask, id, sampleAsk, text('q'));
    await settle();
    expect([link.isOpen, link.serving]).toEqual([true, 3]);
    send(FRAME.ask, 5, sampleAsk, text('q'));
    expect((await link.closed).code).toBe('LINK_LIMIT');
  });

  it('has a bound for the hello, for handlers and for the reply to a cancelled request', async () => {
    const limits = { helloTimeoutMs: 10, handlerTimeoutMs: 100, abandonedTimeoutMs: 1_000 };
    const silent = manualClock();
    const nobody = rawPeer({ clock: silent.clock, limits });
    await silent.advance(10);
    expect((await nobody.link.closed).code).toBe('LINK_PROTOCOL');

    const { clock, advance, pending } = manualClock();
    let signal: AbortSignal | undefined;
    const hang = (ask: IncomingAsk) => {
      signal = ask.signal;
      return new Promise<AskOutcome>(() => undefined);
    };
    const { link, send, of } = rawPeer({ clock, limits, handlers: { ...echo, ask: hang } }, wide);
    send(FRAME.ask, 1, sampleAsk, text(''));
    await advance(0);
    expect(signal?.aborted).toBe(false);
    await advance(100);
    expect(of(FRAME.refusal)).toMatchObject([{ id: 1, head: { code: 'DEADLINE' } }]);
    expect(signal?.aborted).toBe(true);
    const abandoned = link.ask(sampleAsk, text(''), { timeoutMs: 1 });
    abandoned.catch(() => undefined);
    await advance(1);
    await advance(1_000);
    expect((await link.closed).code).toBe('LINK_LIMIT');
    expect(pending()).toBe(0);
  });
});

describe('cancelling', () => {
  it('aborts the handler, drops what had not started, and still replies to each once', async () => {
    const signals: AbortSignal[] = [];
    const handlers: LinkHandlers = {
      ...echo,
      ask: ({ signal }) => {
        signals.push(signal);
        return new Promise((_, reject) =>
          signal.addEventListener('abort', () => reject(new TributaryError('ABORTED', 'stopped'))),
        );
      },
    };
    const { send, of } = rawPeer({ handlers }, wide);
    send(FRAME.ask, 1, sampleAsk, text(''));
    await settle();
    send(FRAME.cancel, 1, {});
    send(FRAME.cancel, 1, {});
    await settle();
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
    expect(of(FRAME.refusal)).toMatchObject([{ id: 1, head: { code: 'ABORTED' } }]);
  });
});

describe('closing', () => {
  it('rejects what is pending on both sides and aborts the handlers', async () => {
    let signal: AbortSignal | undefined;
    const handlers: LinkHandlers = {
      ...echo,
      ask: (ask) => {
        signal = ask.signal;
        return new Promise(() => undefined);
      },
    };
    const [left, right] = pair({}, { handlers });
    const asked = left.ask(sampleAsk, text('q'));
    await vi.waitFor(() => expect(right.serving).toBe(1));
    right.close('enough');
    await expect(asked).rejects.toMatchObject({ code: 'LINK_CLOSED' });
    expect(signal?.aborted).toBe(true);
    expect([(await left.closed).code, (await right.closed).message]).toEqual(['LINK_CLOSED', 'enough']);
    await expect(right.call('peers', {})).rejects.toMatchObject({ code: 'LINK_CLOSED' });
    expect(left.inFlight + right.serving).toBe(0);
  });
});
