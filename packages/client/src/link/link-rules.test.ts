import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { FRAME } from '@tributary/schemas';
import { encodeFrame } from './frame.ts';
import { linkBatchBytesMax } from './limits.ts';
import { echo, manualClock, pair, rawPeer, settle, text, wide } from '../testing/link-peers.ts';
import { sampleAsk, sampleReceipt } from '../testing/samples.ts';
import type { LinkHandlers } from './types.ts';

describe('windows', () => {
  const answer = new Uint8Array(10_000);
  const serveLarge: LinkHandlers = { ...echo, ask: async () => ({ receipt: sampleReceipt, body: answer }) };

  it('hold answers back until they are credited, and start no work meanwhile', async () => {
    let started = 0;
    const handlers: LinkHandlers = { ...serveLarge, ask: (ask) => ((started += 1), serveLarge.ask(ask)) };
    const { link, send, of } = rawPeer({ handlers, limits: { requestsStart: 64 } }, { requestsMax: 64, windowBytes: 25_000 });
    for (let id = 1; id <= 3; id += 1) send(FRAME.ask, id, sampleAsk, text(''));
    await settle();
    expect(of(FRAME.answer)).toHaveLength(2);
    for (let id = 4; id <= 20; id += 1) send(FRAME.ask, id, sampleAsk, text(''));
    await settle();
    expect([of(FRAME.answer).length, started, link.serving]).toEqual([2, 3, 18]);
    expect(link.bufferedBytes).toBeLessThan(11_000);
    for (let credited = 0; credited < 20; credited += 1) {
      const next = of(FRAME.answer)[credited]!;
      send(FRAME.credit, 0, { bytes: next.bytes });
      await settle();
    }
    expect([of(FRAME.answer).length, started, link.serving, link.bufferedBytes]).toEqual([20, 20, 0, 0]);
  });

  it('let one frame larger than the window pass when nothing is outstanding', async () => {
    const [left] = pair({ limits: { windowBytes: 100 } }, { handlers: serveLarge });
    const replies = await Promise.all(Array.from({ length: 5 }, () => left.ask(sampleAsk, text(''))));
    expect(replies.map((reply) => reply.kind === 'answer' && reply.body.length)).toEqual([
      10_000, 10_000, 10_000, 10_000, 10_000,
    ]);
  });

  it('bound what is kept for a reader that stops, and end the link in time', async () => {
    const { clock, advance } = manualClock();
    const endless = { requestsMax: Number.MAX_SAFE_INTEGER, windowBytes: Number.MAX_SAFE_INTEGER };
    const limits = { requestsMax: 500, requestsStart: 500, windowBytes: 50_000_000, stallTimeoutMs: 1_000 };
    const { link, send, stream } = rawPeer({ handlers: serveLarge, clock, limits }, endless);
    stream.pause();
    let most = 0;
    for (let id = 1; id <= 400; id += 1) {
      send(FRAME.ask, id, sampleAsk, text(''));
      await nextTurn();
      most = Math.max(most, link.bufferedBytes);
    }
    expect(most).toBeLessThan(linkBatchBytesMax);
    expect(link.serving).toBeGreaterThan(350);
    await advance(1_000);
    expect((await link.closed).code).toBe('LINK_LIMIT');
    expect(link.bufferedBytes).toBe(0);
  });

  it('count a refused request until its refusal has left', async () => {
    const limits = { requestsMax: 50, requestsBytesMax: 1 };
    const { link, send, of, stream } = rawPeer({ limits }, wide);
    send(FRAME.ask, 1, sampleAsk, text(''));
    await settle();
    expect(of(FRAME.refusal)).toMatchObject([{ head: { code: 'OVERLOADED' } }]);
    stream.pause();
    for (let id = 2; id <= 2_000; id += 1) {
      send(FRAME.ask, id, sampleAsk, text(''));
      if (id % 10 === 0) await nextTurn();
    }
    await settle();
    expect((await link.closed).code).toBe('LINK_LIMIT');
  });
});

describe('a peer that breaks the rules is disconnected', () => {
  const answered = (peer: ReturnType<typeof rawPeer>) => {
    const asked = peer.link.ask(sampleAsk, text('q'));
    asked.catch(() => undefined);
    return asked;
  };
  const cases: [string, string, (peer: ReturnType<typeof rawPeer>) => void][] = [
    ['a second hello', 'LINK_PROTOCOL', ({ send }) => send(FRAME.hello, 0, { v: 1, ...wide, recordsBytesMax: 0 })],
    ['an answer to nothing', 'LINK_PROTOCOL', ({ send }) => send(FRAME.answer, 9, { receipt: sampleReceipt }, text(''))],
    [
      'a refusal of nothing',
      'LINK_PROTOCOL',
      ({ send }) => send(FRAME.refusal, 9, { code: 'X', message: '', retryAfterMs: null }),
    ],
    ['a result to an ask', 'LINK_PROTOCOL', ({ send }) => send(FRAME.result, 1, { result: {} })],
    [
      'two answers to one ask',
      'LINK_PROTOCOL',
      ({ send }) => {
        send(FRAME.answer, 1, { receipt: sampleReceipt }, text(''));
        send(FRAME.answer, 1, { receipt: sampleReceipt }, text(''));
      },
    ],
    ['credit for nothing', 'LINK_PROTOCOL', ({ send }) => send(FRAME.credit, 0, { bytes: 1 })],
    ['a cancel of the future', 'LINK_PROTOCOL', ({ send }) => send(FRAME.cancel, 77, {})],
    [
      'an id that does not ascend',
      'LINK_PROTOCOL',
      ({ send }) => {
        send(FRAME.call, 5, { method: 'peers', params: {} });
        send(FRAME.call, 5, { method: 'peers', params: {} });
      },
    ],
    [
      'more requests than places',
      'LINK_LIMIT',
      ({ send }) => [1, 2, 3].forEach((id) => send(FRAME.ask, id, sampleAsk, text(''))),
    ],
    ['a frame over the bound', 'LINK_LIMIT', ({ stream }) => stream.write(Buffer.alloc(64, 0xff))],
    ['bytes that are no frame', 'LINK_PROTOCOL', ({ stream }) => stream.write(Buffer.from('\0\0\x01\0 no frame at all'))],
  ];
  it.each(cases)('%s', async (_, code, misbehave) => {
    const handlers: LinkHandlers = { ...echo, ask: () => new Promise(() => undefined) };
    const peer = rawPeer({ handlers, limits: { requestsMax: 2 } }, wide);
    const asked = answered(peer);
    await vi.waitFor(() => expect(peer.of(FRAME.ask)).toHaveLength(1));
    misbehave(peer);
    const reason = await peer.link.closed;
    expect(reason.code === code || `${reason.code}: ${reason.message}`).toBe(true);
    await Promise.allSettled([asked]);
    await expect(peer.link.ask(sampleAsk, text('q'))).rejects.toMatchObject({ code: 'LINK_CLOSED' });
    expect([peer.link.inFlight, peer.link.serving, peer.link.bufferedBytes]).toEqual([0, 0, 0]);
  });

  it('a first frame that is not a hello', async () => {
    const { link, send } = rawPeer();
    send(FRAME.cancel, 1, {});
    expect((await link.closed).code).toBe('LINK_PROTOCOL');
    await expect(link.ready).rejects.toMatchObject({ code: 'LINK_PROTOCOL' });
  });

  it('answers ahead of credit in one piece', async () => {
    const { link, stream, of } = rawPeer({ limits: { windowBytes: 5_000 } }, wide);
    const asks = [1, 2].map(() => link.ask(sampleAsk, text('q')));
    asks[1]!.catch(() => undefined);
    await vi.waitFor(() => expect(of(FRAME.ask)).toHaveLength(2));
    const frames = [1, 2].map((id) => encodeFrame(FRAME.answer, id, { receipt: sampleReceipt }, new Uint8Array(4_000)));
    stream.write(Buffer.concat(frames.flatMap(({ prefix, body }) => [prefix, body])));
    expect((await link.closed).code).toBe('LINK_LIMIT');
    expect(await asks[0]).toMatchObject({ kind: 'answer' });
    await expect(asks[1]).rejects.toMatchObject({ code: 'LINK_CLOSED' });
  });
});
