import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FRAME, frameBytesMax, frameHeadBytesMax, requestBytesMax } from '@tributary/schemas';
import { createFrameDecoder, encodeFrame, type EncodedFrame, type Frame } from './frame.ts';
import { frameBufferBytesStart } from './limits.ts';
import { sampleAsk, sampleReceipt } from '../testing/samples.ts';

const id = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
const bytes = fc.uint8Array({ maxLength: 3_000 });
const words = fc.string({ unit: 'grapheme', maxLength: 40 });
const encoded: fc.Arbitrary<EncodedFrame> = fc.oneof(
  fc.tuple(id, bytes).map(([n, body]) => encodeFrame(FRAME.ask, n, sampleAsk, body)),
  fc.tuple(id, bytes).map(([n, body]) => encodeFrame(FRAME.answer, n, { receipt: sampleReceipt }, body)),
  fc.tuple(id, words).map(([n, message]) => encodeFrame(FRAME.refusal, n, { code: 'DEADLINE', message, retryAfterMs: null })),
  fc.tuple(id, words).map(([n, text]) => encodeFrame(FRAME.call, n, { method: 'credit', params: { payer: text } })),
  fc.tuple(id, fc.array(words)).map(([n, result]) => encodeFrame(FRAME.result, n, { result })),
  id.map((n) => encodeFrame(FRAME.credit, 0, { bytes: n })),
  id.map((n) => encodeFrame(FRAME.cancel, n, {})),
);

const whole = (frames: readonly EncodedFrame[]) => Buffer.concat(frames.flatMap(({ prefix, body }) => [prefix, body]));

function decode(chunks: Iterable<Uint8Array>): Frame[] {
  const frames: Frame[] = [];
  const decoder = createFrameDecoder({ frame: (frame) => void frames.push(frame) });
  for (const chunk of chunks) decoder.push(chunk);
  return frames;
}

function* cut(all: Uint8Array, sizes: readonly number[]): Generator<Uint8Array> {
  for (let at = 0, turn = 0; at < all.length; turn += 1) {
    const size = sizes[turn % sizes.length]!;
    yield all.subarray(at, at + size);
    at += size;
  }
}

/** A frame written by hand, so that every field can be wrong. */
function raw(parts: { type?: number; id?: bigint; head?: string; headLength?: number; length?: number; body?: string }): Buffer {
  const head = Buffer.from(parts.head ?? '{}');
  const body = Buffer.from(parts.body ?? '');
  const prefix = Buffer.alloc(17);
  prefix.writeUInt32BE(parts.length ?? 13 + head.length + body.length, 0);
  prefix[4] = parts.type ?? FRAME.cancel;
  prefix.writeBigUInt64BE(parts.id ?? 1n, 5);
  prefix.writeUInt32BE(parts.headLength ?? head.length, 13);
  return Buffer.concat([prefix, head, body]);
}

describe('frames', () => {
  it('reads the same frames however the stream is cut', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 2_000 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(fc.array(encoded, { minLength: 1, maxLength: 8 }), sizes, (frames, cuts) => {
        const all = whole(frames);
        const read = decode(cut(all, cuts));
        const again = whole(read.map((frame) => encodeFrame(frame.type, frame.id, frame.head as never, frame.body)));
        expect(again.equals(all)).toBe(true);
      }),
    );
  });

  it('reads single bytes, and frames larger than the first buffer', () => {
    const body = Buffer.alloc(frameBufferBytesStart * 3 + 5, 'tributary');
    const all = whole([
      encodeFrame(FRAME.ask, 1, sampleAsk, body),
      encodeFrame(FRAME.answer, 2 ** 40, { receipt: sampleReceipt }, body),
    ]);
    for (const size of [1, 16, 17, 18, 65_537]) {
      const [ask, answer] = decode(cut(all, [size]));
      expect(ask).toMatchObject({ type: FRAME.ask, id: 1, head: sampleAsk });
      expect(answer).toMatchObject({ type: FRAME.answer, id: 2 ** 40, head: { receipt: sampleReceipt } });
      expect(body.equals(ask!.body) && body.equals(answer!.body)).toBe(true);
    }
  });

  it('takes a body that came in one chunk without copying it', () => {
    const all = whole([encodeFrame(FRAME.ask, 1, sampleAsk, Buffer.from('question'))]);
    const [ask] = decode([all.subarray(0, 17), all.subarray(17)]);
    expect(ask!.body.buffer).toBe(all.buffer);
  });

  it('never throws anything but LINK_PROTOCOL and LINK_LIMIT for garbage, and stays broken', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 18, maxLength: 200 }), (garbage) => {
        const decoder = createFrameDecoder({ frame: () => undefined });
        let first: unknown;
        try {
          decoder.push(garbage);
        } catch (error) {
          first = error;
        }
        if (first === undefined) return;
        expect((first as { code: string }).code).toMatch(/^LINK_(PROTOCOL|LIMIT)$/);
        expect(() => decoder.push(whole([encodeFrame(FRAME.cancel, 1, {})]))).toThrow(first as Error);
        expect(decoder.heldBytes).toBeLessThan(frameBufferBytesStart);
      }),
    );
  });

  it('holds no more than twice what has arrived, whatever length was announced', () => {
    const decoder = createFrameDecoder({ frame: () => undefined });
    const frame = whole([encodeFrame(FRAME.answer, 1, { receipt: sampleReceipt }, Buffer.alloc(4_000_000))]);
    for (let at = 0; at < frame.length - 50_000; at += 50_000) {
      decoder.push(frame.subarray(at, at + 50_000));
      expect(decoder.heldBytes).toBeLessThanOrEqual(Math.max(frameBufferBytesStart, 2 * (at + 50_000)));
    }
  });

  it.each([
    ['an unknown type', raw({ type: 9 }), 'LINK_PROTOCOL'],
    ['type 0', raw({ type: 0 }), 'LINK_PROTOCOL'],
    ['a frame over the bound', raw({ length: frameBytesMax + 1 }), 'LINK_LIMIT'],
    ['a frame shorter than its fields', raw({ length: 12 }), 'LINK_PROTOCOL'],
    ['a head longer than the frame', raw({ headLength: 3 }), 'LINK_PROTOCOL'],
    ['no head', raw({ head: '' }), 'LINK_PROTOCOL'],
    ['a body where none belongs', raw({ body: 'x' }), 'LINK_LIMIT'],
    ['an ask head over its bound', raw({ type: FRAME.ask, length: 80_000, headLength: frameHeadBytesMax + 1 }), 'LINK_LIMIT'],
    ['a request over its bound', raw({ type: FRAME.ask, length: 13 + 2 + requestBytesMax + 1 }), 'LINK_LIMIT'],
    ['an id that no number holds', raw({ id: 2n ** 53n }), 'LINK_PROTOCOL'],
    ['a cancel of nothing', raw({ id: 0n }), 'LINK_PROTOCOL'],
    ['a credit with an id', raw({ type: FRAME.credit, head: '{"bytes":1}' }), 'LINK_PROTOCOL'],
    ['white space in the head', raw({ head: '{ }' }), 'LINK_PROTOCOL'],
    ['an unknown member', raw({ head: '{"x":1}' }), 'LINK_PROTOCOL'],
    ['a repeated member', raw({ type: FRAME.credit, id: 0n, head: '{"bytes":1,"bytes":1}' }), 'LINK_PROTOCOL'],
    ['a credit of nothing', raw({ type: FRAME.credit, id: 0n, head: '{"bytes":0}' }), 'LINK_PROTOCOL'],
    ['a head that is not JSON', raw({ head: '{"' }), 'LINK_PROTOCOL'],
  ])('refuses %s', (_, frame, code) => {
    expect(() => decode([frame])).toThrow(expect.objectContaining({ code }));
  });

  it('does not write frames that the peer would refuse', () => {
    const long = new Uint8Array(requestBytesMax + 1);
    expect(() => encodeFrame(FRAME.ask, 1, sampleAsk, long)).toThrow(expect.objectContaining({ code: 'LINK_LIMIT' }));
  });
});
