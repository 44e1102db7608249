// How much a link may cost the node that runs it.
import { FRAME } from '@tributary/schemas';
import { describe, expect, it, vi } from 'vitest';
import { createHeldBytes } from './held-bytes.ts';
import { strangerCallsBurst, strangerCallsPerSecond } from './limits.ts';
import { echo, manualClock, rawPeer, settle, wide } from '../testing/link-peers.ts';
import { sampleAsk } from '../testing/samples.ts';

const refusing = { ...echo, ask: async () => ({ refusal: { code: 'RATE_LIMITED', message: '', retryAfterMs: null } }) };

describe('a stranger that causes work without paying', () => {
  async function flood(valued: boolean, kind: 'ask' | 'call') {
    const { clock, advance } = manualClock();
    const many = strangerCallsBurst + 3 * strangerCallsPerSecond;
    const handlers = kind === 'ask' ? refusing : echo;
    const limits = { requestsMax: many };
    const peer = rawPeer({ handlers, clock, limits, valued: () => valued }, { requestsMax: 9, windowBytes: 1e9 });
    let id = 0;
    const replies = () => peer.of(kind === 'ask' ? FRAME.refusal : FRAME.result).length;
    const sendMore = async (count: number) => {
      for (let at = 0; at < count; at += 1) {
        id += 1;
        if (kind === 'ask') peer.send(FRAME.ask, id, sampleAsk);
        else peer.send(FRAME.call, id, { method: 'credit', params: { payer: 'x' } });
        await settle();
        if (id - replies() > 2) return; // it is not read any more
      }
    };
    await sendMore(many);
    return { replies, advance, many };
  }

  it.each(['ask', 'call'] as const)('is read at a slower pace: %s', { timeout: 60_000 }, async (kind) => {
    const { replies, advance } = await flood(false, kind);
    expect(replies()).toBeGreaterThanOrEqual(strangerCallsBurst);
    expect(replies()).toBeLessThanOrEqual(strangerCallsBurst + 2);
    const before = replies();
    await advance(1_000);
    expect(replies()).toBeGreaterThan(before);
  });

  it('is not a stranger once it has paid, and is not slowed', { timeout: 60_000 }, async () => {
    const { replies, many } = await flood(true, 'ask');
    expect(replies()).toBe(many);
  });
});

it('ends a link on which more cancels come than requests can explain', async () => {
  const limits = { requestsMax: 4 };
  const peer = rawPeer({ handlers: echo, limits }, wide);
  peer.send(FRAME.ask, 1, sampleAsk);
  for (let at = 0; at < 5; at += 1) peer.send(FRAME.cancel, 1, {});
  await settle();
  expect(peer.link.isOpen).toBe(true);
  peer.send(FRAME.cancel, 1, {});
  await expect(peer.link.closed).resolves.toMatchObject({ code: 'LINK_PROTOCOL' });
});

describe('a reader that does not take its answers', () => {
  it('loses its link when the node holds too much', async () => {
    const held = createHeldBytes(150_000);
    const body = new Uint8Array(60_000);
    const slow = rawPeer({ held, valued: () => false }, { requestsMax: 64, windowBytes: 1_000 });
    const paying = rawPeer({ held }, wide);
    slow.send(FRAME.ask, 1, sampleAsk, body);
    await vi.waitFor(() => expect(slow.of(FRAME.answer)).toHaveLength(1));
    for (const id of [2, 3, 4]) slow.send(FRAME.ask, id, sampleAsk, body);
    await expect(slow.link.closed).resolves.toMatchObject({ code: 'LINK_LIMIT' });
    paying.send(FRAME.ask, 1, sampleAsk, body);
    await vi.waitFor(() => expect(paying.of(FRAME.answer)).toHaveLength(1));
    await vi.waitFor(() => expect(held.bytes).toBe(0));
  });

  it('loses its link also when it takes one answer now and then', async () => {
    const { clock, advance } = manualClock();
    const limits = { stallTimeoutMs: 1_000 };
    const { link, send, of } = rawPeer({ clock, limits }, { requestsMax: 64, windowBytes: 100 });
    const body = new Uint8Array(200);
    for (let id = 1; id <= 8; id += 1) send(FRAME.ask, id, sampleAsk, body);
    await settle();
    for (let turn = 0; turn < 3 && link.isOpen; turn += 1) {
      const bytes = of(FRAME.answer).at(-1)?.bytes ?? 0;
      send(FRAME.credit, 0, { bytes });
      await advance(1_000);
    }
    expect(await link.closed).toMatchObject({ code: 'LINK_LIMIT' });
  });
});
