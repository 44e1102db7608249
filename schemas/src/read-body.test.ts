import { expect, test } from 'vitest';
import { readBody } from './read-body.ts';

const tooLong = (): Error => new Error('too long');

/** A response whose body comes in pieces; it says how many were taken, and whether the rest was given up. */
function inPieces(...pieces: Uint8Array[]) {
  const seen = { taken: 0, cancelled: false };
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      pull(controller) {
        const piece = pieces[seen.taken];
        if (piece === undefined) return controller.close();
        seen.taken += 1;
        controller.enqueue(Uint8Array.from(piece));
      },
      cancel: () => void (seen.cancelled = true),
    },
    { highWaterMark: 0 },
  );
  return { response: new Response(body), seen };
}

const piece = (...bytes: number[]): Uint8Array => Uint8Array.from(bytes);

test('a body of the longest length is read whole, in order', async () => {
  const { response, seen } = inPieces(piece(1, 2), piece(), piece(3));
  expect(await readBody(response, 3, tooLong)).toEqual(piece(1, 2, 3));
  expect(seen.cancelled).toBe(false);
});

test('one byte more is refused; the rest is not taken, and the server is told', async () => {
  const { response, seen } = inPieces(piece(1, 2), piece(3), piece(4), piece(5));
  await expect(readBody(response, 2, tooLong)).rejects.toThrow('too long');
  expect(seen).toEqual({ taken: 2, cancelled: true });
});

test('a response without a body is empty', async () => {
  expect(await readBody(new Response(null), 0, tooLong)).toEqual(piece());
});

test('what the stream fails with is thrown', async () => {
  const body = new ReadableStream({ pull: (controller) => controller.error(new Error('hung up')) });
  await expect(readBody(new Response(body), 9, tooLong)).rejects.toThrow('hung up');
});
