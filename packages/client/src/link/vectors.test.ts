// Runs every case of schemas/vectors/relay.*.json: frames assembled from docs/spec/relay.md, without this codec.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { FrameType } from '@tributary/schemas';
import { createFrameDecoder, encodeFrame, type Frame } from './frame.ts';

interface Case {
  comment: string;
  input: { hex: string };
  expect: { type: FrameType; id: string; head: object; body: string };
  code: string;
}
const read = (name: string): Case[] =>
  JSON.parse(readFileSync(join(import.meta.dirname, '../../../../schemas/vectors', name), 'utf8')) as Case[];

/** What a receiver makes of the bytes, fed in pieces of some length. */
function decode(hex: string, pieceBytes: number): Frame[] {
  const frames: Frame[] = [];
  const decoder = createFrameDecoder({ frame: (frame) => void frames.push(frame) });
  const bytes = Buffer.from(hex, 'hex');
  for (let at = 0; at < bytes.length; at += pieceBytes) decoder.push(bytes.subarray(at, at + pieceBytes));
  return frames;
}

describe('frames of docs/spec/relay.md', () => {
  it.each(read('relay.valid.json'))('$comment', ({ input, expect: wanted }) => {
    for (const pieceBytes of [1, 1_000_000]) {
      const [frame, ...more] = decode(input.hex, pieceBytes);
      expect(more).toEqual([]);
      expect([frame!.type, String(frame!.id), Buffer.from(frame!.body).toString()]).toEqual([
        wanted.type,
        wanted.id,
        wanted.body,
      ]);
      expect(frame!.head).toEqual(wanted.head);
    }
    const { prefix, body } = encodeFrame(wanted.type, Number(wanted.id), wanted.head as never, Buffer.from(wanted.body));
    expect(Buffer.concat([prefix, body]).toString('hex')).toBe(input.hex);
  });

  it.each(read('relay.invalid.json'))('refuse $comment', ({ input, code }) => {
    for (const pieceBytes of [1, 1_000_000]) {
      expect(() => decode(input.hex, pieceBytes)).toThrow(expect.objectContaining({ code }));
    }
  });
});
