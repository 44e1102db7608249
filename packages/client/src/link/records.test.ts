// Records of answers on one link: what one side sends, the other reads, and both forget the same.
import { answerBytesMax, answerRecordBytes, FRAME, linkRecordOverheadBytes, linkRecordsBytesMax } from '@tributary/schemas';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pair, rawPeer, settle, wide } from '../testing/link-peers.ts';
import { sampleAsk, sampleReceipt } from '../testing/samples.ts';
import { createRecordReader, createRecordSender } from './records.ts';
import type { NamedRecord } from './types.ts';

const nameOf = (number: number) => number.toString(16).padStart(64, '0');
const KNOWN = 0xffff_ffff;

/** Record `at` in snapshot `snapshot`. */
const recordOf = (at: number, snapshot = 0, bytes = 40 + at): NamedRecord => ({
  name: nameOf(at),
  place: nameOf(1_000_000 + 1_000 * snapshot + at),
  shown: new Uint8Array(bytes).fill(at),
  path: new Uint8Array(32).fill(snapshot),
});
const asRead = ({ shown, path }: NamedRecord) => ({ shown, path });

/** Both ends of a link. */
function ends(bytesMax = linkRecordsBytesMax) {
  let held = 0;
  const sender = createRecordSender((bytes) => (held += bytes));
  sender.open(bytesMax);
  const reader = createRecordReader(bytesMax);
  const send = (records: readonly NamedRecord[]) => {
    const encoded = sender.encode(records);
    encoded.queued();
    const bytes = Buffer.concat(encoded.parts);
    expect(bytes.length).toBe(encoded.bytes);
    return { bytes: bytes.length, read: reader.read(bytes) };
  };
  return { send, held: () => held };
}

/** The head of a record by hand. */
function head(name: number, shown: number, place: number, path: number): Buffer {
  const bytes = Buffer.alloc(answerRecordBytes);
  bytes.write(nameOf(name), 0, 'hex');
  bytes.writeUInt32BE(shown, 32);
  bytes.write(nameOf(place), 36, 'hex');
  bytes.writeUInt32BE(path, 68);
  return bytes;
}

describe('records of a link', () => {
  it('are sent once, and in another snapshot only their paths', () => {
    const { send } = ends();
    const records = [1, 2, 3].map((at) => recordOf(at));
    const all = records.reduce((sum, { shown, path }) => sum + shown.length + path.length, 0);
    expect(send(records)).toEqual({ bytes: 3 * answerRecordBytes + all, read: records.map(asRead) });
    expect(send(records.toReversed())).toEqual({ bytes: 3 * answerRecordBytes, read: records.toReversed().map(asRead) });
    const later = [1, 2].map((at) => recordOf(at, 1));
    expect(send(later)).toEqual({ bytes: 2 * (answerRecordBytes + 32), read: later.map(asRead) });
    const twice = [recordOf(9), recordOf(9)];
    expect(send(twice).read).toEqual(twice.map(asRead));
  });

  it('are read as they were sent, whatever is asked in whatever order, and however little is remembered', () => {
    const answer = fc.uniqueArray(fc.nat(30), { maxLength: 8 });
    const answers = fc.array(fc.tuple(answer, fc.nat(2)), { maxLength: 40 });
    fc.assert(
      fc.property(answers, fc.integer({ min: 0, max: 8_000 }), (list, bytesMax) => {
        const { send, held } = ends(bytesMax);
        for (const [numbers, snapshot] of list) {
          const records = numbers.map((at) => recordOf(at, snapshot));
          expect(send(records).read).toEqual(records.map(asRead));
          expect(held()).toBeLessThanOrEqual((128 * bytesMax) / linkRecordOverheadBytes);
        }
      }),
    );
  });

  it('are forgotten in the order of their last use', () => {
    const one = 100 + 32 + 2 * linkRecordOverheadBytes;
    const { send } = ends(2 * one);
    const bytesOf = (at: number) => send([recordOf(at, 0, 100)]).bytes;
    const [full, known] = [answerRecordBytes + 132, answerRecordBytes];
    expect([1, 2, 1, 3, 1, 2].map(bytesOf)).toEqual([full, full, known, full, known, full]);
  });

  it('are not remembered when their frame was not sent', () => {
    const sender = createRecordSender(() => undefined);
    sender.open(linkRecordsBytesMax);
    const first = sender.encode([recordOf(1)]);
    expect(sender.encode([recordOf(1)]).bytes).toBe(first.bytes);
  });

  it('are copies that a later chunk cannot change', () => {
    const reader = createRecordReader(linkRecordsBytesMax);
    const bytes = Buffer.concat([head(1, 3, 2, 0), Buffer.from('abc')]);
    const { shown } = reader.read(bytes)[0]!;
    bytes.fill(0);
    expect(Buffer.from(shown).toString()).toBe('abc');
    expect(reader.read(head(1, KNOWN, 2, KNOWN))).toEqual([{ shown, path: new Uint8Array(0) }]);
  });
});

describe('a side that breaks the rules', () => {
  const abc = Buffer.from('abc');
  it.each<[string, string, Buffer[]]>([
    ['a name that was never sent', 'LINK_PROTOCOL', [head(1, KNOWN, 2, 0)]],
    ['a path that was never sent', 'LINK_PROTOCOL', [head(1, 0, 2, KNOWN)]],
    ['a record that is sent again', 'LINK_PROTOCOL', [head(1, 0, 2, 0), head(1, 0, 3, 0)]],
    ['a path that is sent again', 'LINK_PROTOCOL', [head(1, 0, 2, 0), head(3, 0, 2, 0)]],
    ['a record as its own path, twice', 'LINK_PROTOCOL', [head(1, 0, 1, 0)]],
    ['a cut head', 'LINK_PROTOCOL', [head(1, 0, 2, 0).subarray(1)]],
    ['a cut record', 'LINK_PROTOCOL', [head(1, 4, 2, 0), abc]],
    ['a cut path', 'LINK_PROTOCOL', [head(1, 3, 2, 4), abc, abc]],
    ['a length beyond all bounds', 'LINK_PROTOCOL', [head(1, KNOWN - 1, 2, 0), abc]],
  ])('is refused for %s', (_, code, parts) => {
    expect(() => createRecordReader(linkRecordsBytesMax).read(Buffer.concat(parts))).toThrow(expect.objectContaining({ code }));
  });

  it('is refused for few names that stand for many bytes', () => {
    const reader = createRecordReader(linkRecordsBytesMax);
    const large = answerBytesMax / 4;
    reader.read(Buffer.concat([head(1, large, 2, 0), Buffer.alloc(large)]));
    const known = head(1, KNOWN, 2, KNOWN);
    expect(reader.read(Buffer.concat([known, known, known, known]))).toHaveLength(4);
    expect(() => reader.read(Buffer.concat([known, known, known, known, known]))).toThrow(
      expect.objectContaining({ code: 'LINK_LIMIT' }),
    );
  });

  it('never throws anything but these two codes', () => {
    const part = fc.oneof(
      fc.uint8Array({ maxLength: 90 }).map((bytes) => Buffer.from(bytes)),
      fc.tuple(fc.nat(3), fc.constantFrom(0, 3, KNOWN), fc.nat(3), fc.constantFrom(0, 3, KNOWN)).map((args) => head(...args)),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
        try {
          createRecordReader(linkRecordsBytesMax).read(Buffer.concat(parts));
        } catch (error) {
          expect((error as { code: string }).code).toMatch(/^LINK_(PROTOCOL|LIMIT)$/);
        }
      }),
    );
  });

  it('loses its link', async () => {
    const { link, send, of } = rawPeer({}, wide);
    const asked = link.ask(sampleAsk, new Uint8Array(1));
    await settle();
    const records = Buffer.concat([Buffer.from('{}'), head(1, KNOWN, 2, 0)]);
    send(FRAME.answer, of(FRAME.ask)[0]!.id, { receipt: sampleReceipt, records: answerRecordBytes }, records);
    await expect(asked).rejects.toMatchObject({ code: 'LINK_CLOSED' });
    expect(await link.closed).toMatchObject({ code: 'LINK_PROTOCOL' });
  });

  it('loses it too when it says that more bytes are records than there are', async () => {
    const { link, send, of } = rawPeer({}, wide);
    link.ask(sampleAsk, new Uint8Array(1)).catch(() => undefined);
    await settle();
    send(FRAME.answer, of(FRAME.ask)[0]!.id, { receipt: sampleReceipt, records: 3 }, Buffer.from('{}'));
    expect(await link.closed).toMatchObject({ code: 'LINK_PROTOCOL' });
  });
});

it('a side that remembers little gets what it forgot again', async () => {
  const records = [1, 2, 3].map((at) => recordOf(at));
  const handlers = { ask: async () => ({ receipt: sampleReceipt, body: Buffer.from('{}'), records }), call: async () => ({}) };
  for (const recordsBytesMax of [0, 700, linkRecordsBytesMax]) {
    const [left] = pair({ limits: { recordsBytesMax } }, { handlers });
    for (let times = 0; times < 3; times += 1) {
      const reply = await left.ask(sampleAsk, new Uint8Array(1));
      expect(reply).toMatchObject({ kind: 'answer', records: records.map(asRead) });
    }
    expect(left.isOpen).toBe(true);
  }
});

it('both sides of a link give each other records, also for answers that nobody waits for', async () => {
  const records = [1, 2, 3].map((at) => recordOf(at));
  let hold: Promise<unknown> = Promise.resolve();
  const ask = async () => {
    await hold;
    return { receipt: sampleReceipt, body: Buffer.from('{}'), records };
  };
  const handlers = { ask, call: async () => ({}) };
  const [left, right] = pair({ handlers }, { handlers });
  const read = async (link: typeof left) => {
    const reply = await link.ask(sampleAsk, new Uint8Array(1));
    return reply.kind === 'answer' ? { body: Buffer.from(reply.body).toString(), records: reply.records } : reply;
  };
  let finish = (): void => undefined;
  hold = new Promise<void>((resolve) => (finish = resolve));
  const givenUp = new AbortController();
  const first = left.ask(sampleAsk, new Uint8Array(1), { signal: givenUp.signal });
  await settle();
  givenUp.abort();
  finish();
  await expect(first).rejects.toMatchObject({ code: 'ABORTED' });
  const wanted = { body: '{}', records: records.map(asRead) };
  for (const link of [left, right, left]) expect(await read(link)).toEqual(wanted);
});
