// Records of answers on one link: each is sent once and then named (docs/spec/relay.md#records).
import { createLru, type Lru } from '@tributary/proof/primitives';
import { answerBytesMax, answerRecordBytes, linkRecordOverheadBytes } from '@tributary/schemas';
import { ClientError } from '../errors.ts';
import type { NamedRecord, RecordBytes } from './types.ts';

const NAME_BYTES = 32;
const LENGTH_BYTES = 4;
/** Stands for the length of bytes that the other side has. */
const KNOWN = 0xffff_ffff;
/** Approximate memory of a name. */
const HELD_NAME_BYTES = 128;

/**
 * What both sides remember, in the order of its last use. Both see the same names and lengths in the same order, so
 * both forget the same. It is cut to its size after each answer, so that all of its names are there while it is read.
 */
type Memory<Value> = Lru<string, { readonly value: Value; readonly weight: number }>;

const createMemory = <Value>(): Memory<Value> => createLru(Infinity, ({ weight }) => weight);

function remember<Value>(memory: Memory<Value>, name: string, value: Value, bytes: number): void {
  memory.set(name, { value, weight: bytes + linkRecordOverheadBytes });
}

/** The answering side: it knows which bytes the other side has. */
export interface RecordSender {
  /** Once the other side has said how much it remembers, before its first question. Until then that is nothing. */
  open(bytesMax: number): void;
  /** The records as they follow the text of an answer, and what to call when its frame is in the queue. */
  encode(records: readonly NamedRecord[]): { parts: Uint8Array[]; bytes: number; queued(): void };
}

/** @param holds called with every change of the memory that this takes */
export function createRecordSender(holds: (bytes: number) => void): RecordSender {
  const memory = createMemory<true>();
  let bytesMax = 0;
  return {
    open: (most) => void (bytesMax = most),
    encode(records) {
      const fresh = new Set<string>();
      const isFresh = (name: string): boolean => {
        if (memory.has(name) || fresh.has(name)) return false;
        fresh.add(name);
        return true;
      };
      const parts = records.flatMap((record) => partsOf(record, isFresh(record.name), isFresh(record.place)));
      return {
        parts,
        bytes: parts.reduce((sum, { length }) => sum + length, 0),
        queued() {
          const before = memory.size;
          for (const { name, place, shown, path } of records) {
            if (memory.get(name) === undefined) remember(memory, name, true, shown.length);
            if (memory.get(place) === undefined) remember(memory, place, true, path.length);
          }
          memory.trim(bytesMax);
          holds((memory.size - before) * HELD_NAME_BYTES);
        },
      };
    },
  };
}

function partsOf({ name, place, shown, path }: NamedRecord, sendShown: boolean, sendPath: boolean): Uint8Array[] {
  const head = Buffer.allocUnsafe(answerRecordBytes);
  head.write(name, 0, 'hex');
  head.writeUInt32BE(sendShown ? shown.length : KNOWN, NAME_BYTES);
  head.write(place, NAME_BYTES + LENGTH_BYTES, 'hex');
  head.writeUInt32BE(sendPath ? path.length : KNOWN, 2 * NAME_BYTES + LENGTH_BYTES);
  return [head, ...(sendShown ? [shown] : []), ...(sendPath ? [path] : [])];
}

/** The asking side. */
export interface RecordReader {
  /**
   * Reads the records behind the text of an answer. Answers must be read in the order in which they arrive.
   *
   * @throws ClientError LINK_PROTOCOL for bytes that are not in the format, a name that was never sent, or bytes
   *   that are sent again; LINK_LIMIT for more than an answer may have
   */
  read(bytes: Uint8Array): RecordBytes[];
}

/** @param bytesMax what this side said that it remembers */
export function createRecordReader(bytesMax: number): RecordReader {
  const memory = createMemory<Uint8Array>();
  return {
    read(bytes) {
      const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
      const records: RecordBytes[] = [];
      let total = 0;
      for (let at = 0; at < view.length;) {
        if (at + answerRecordBytes > view.length) throw wrong('the head of a record is cut off');
        const heads = [at, at + NAME_BYTES + LENGTH_BYTES];
        at += answerRecordBytes;
        const [shown, path] = heads.map((head) => {
          const length = view.readUInt32BE(head + NAME_BYTES);
          const found = take(memory, view, view.toString('hex', head, head + NAME_BYTES), length, at);
          if (length !== KNOWN) at += length;
          total += found.length;
          return found;
        });
        // A few known names may stand for many bytes.
        if (total > answerBytesMax) throw new ClientError('LINK_LIMIT', `an answer with ${total} bytes of records`);
        records.push({ shown: shown!, path: path! });
      }
      memory.trim(bytesMax);
      return records;
    },
  };
}

function take(memory: Memory<Uint8Array>, view: Buffer, name: string, length: number, at: number): Uint8Array {
  const known = memory.get(name)?.value;
  if (length === KNOWN) {
    if (known === undefined) throw wrong(`the record or path ${name} was never sent, or is forgotten`);
    return known;
  }
  if (known !== undefined) throw wrong(`the record or path ${name} is sent again`);
  if (at + length > view.length) throw wrong('a record or path is cut off');
  // A copy, so that the rest of its chunk is not kept.
  const bytes = new Uint8Array(view.subarray(at, at + length));
  remember(memory, name, bytes, length);
  return bytes;
}

const wrong = (what: string): ClientError => new ClientError('LINK_PROTOCOL', `records of an answer: ${what}`);
