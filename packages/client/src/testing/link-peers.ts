// Links, hand-written peers and a clock for the tests of the link.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { FRAME, linkRecordsBytesMax, type FrameType } from '@tributary/schemas';
import type { Clock } from '../clock.ts';
import { createFrameDecoder, encodeFrame, type Frame, type HeadOf } from '../link/frame.ts';
import { createLink } from '../link/link.ts';
import { memoryStreamPair } from './memory-stream.ts';
import { sampleReceipt } from './samples.ts';
import type { LinkHandlers, LinkOptions } from '../link/types.ts';

export const echo: LinkHandlers = {
  ask: async ({ body }) => ({ receipt: sampleReceipt, body }),
  call: async () => ({ available: '5', unit: 'credit' }),
};
export const text = (value: string) => Buffer.from(value);

export function pair(left: Partial<LinkOptions> = {}, right: Partial<LinkOptions> = {}) {
  const [a, b] = memoryStreamPair();
  return [createLink(a, { handlers: echo, ...left }), createLink(b, { handlers: echo, ...right })] as const;
}

/** A clock that only the test moves. */
export function manualClock() {
  let now = 0;
  const timers = new Set<{ at: number; run: () => void }>();
  const clock: Clock = {
    after(ms, run) {
      const timer = { at: now + ms, run };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
  };
  const advance = async (ms: number) => {
    await settle();
    now += ms;
    for (const timer of timers) {
      if (timer.at > now) continue;
      timers.delete(timer);
      timer.run();
    }
    await settle();
  };
  return { clock, advance, pending: () => timers.size };
}

export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await nextTurn();
}

/** A peer with hand-written frames: it sends a hello, then does what the test says. */
export function rawPeer(
  options: Partial<LinkOptions> = {},
  hello: { requestsMax: number; windowBytes: number; recordsBytesMax?: number } | null = null,
) {
  const [mine, theirs] = memoryStreamPair();
  const link = createLink(mine, { handlers: echo, ...options });
  const frames: Frame[] = [];
  const decoder = createFrameDecoder({ frame: (frame) => void frames.push(frame) });
  theirs.onData((bytes) => decoder.push(bytes));
  const send = <T extends FrameType>(type: T, id: number, head: HeadOf<T>, body?: Uint8Array) => {
    const frame = encodeFrame(type, id, head, body);
    theirs.write(Buffer.concat([frame.prefix, frame.body]));
  };
  if (hello !== null) send(FRAME.hello, 0, { v: 1, recordsBytesMax: linkRecordsBytesMax, ...hello });
  const of = (type: FrameType) => frames.filter((frame) => frame.type === type);
  return { link, send, of, stream: theirs };
}
export const wide = { requestsMax: 64, windowBytes: 1_000_000 };
