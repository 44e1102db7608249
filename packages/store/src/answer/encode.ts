import { answerBytesMax, answerRecordBytes } from '@tributary/schemas';
import type { AnswerOutcome, AnswerRecord } from '../types.ts';
import type { AnswerFrame, ProvenItem } from './types.ts';

/**
 * Writes the canonical bytes of an answer (docs/spec/query.md), and gives the records that it names. Results that would
 * exceed `answerBytesMax` together with their records are dropped from the end.
 */
export function encodeAnswer(frame: AnswerFrame, proven: readonly ProvenItem[]): AnswerOutcome {
  const rows: { text: string; item: ProvenItem }[] = [];
  const head = headOf(frame);
  let textBytes = Buffer.byteLength(head) + 2;
  let recordBytes = 0;
  for (const item of proven) {
    const text = resultOf(item, rows.length > 0);
    const bytes = item.record.bytes.length + item.path.length;
    const framed = (rows.length + 1) * answerRecordBytes;
    if (textBytes + text.length + recordBytes + bytes + framed > answerBytesMax) break;
    textBytes += text.length;
    recordBytes += bytes;
    rows.push({ text, item });
  }
  // One buffer, so that it can be transferred to another thread without a copy.
  const all = Buffer.from(new ArrayBuffer(textBytes + recordBytes));
  all.write(`${head}${rows.map(({ text }) => text).join('')}]}`);
  let at = textBytes;
  const put = (bytes: Uint8Array): Uint8Array => {
    all.set(bytes, at);
    at += bytes.length;
    return new Uint8Array(all.buffer, at - bytes.length, bytes.length);
  };
  const { status, manifest, snapshot, queryVector, statistics } = frame;
  return {
    body: new Uint8Array(all.buffer, 0, textBytes),
    records: rows.map(({ item: { slot, record, path } }): AnswerRecord => ({
      name: record.name,
      place: placeOf(manifest, slot),
      shown: put(record.bytes),
      path: put(path),
    })),
    status,
    manifest,
    snapshot,
    count: rows.length,
    textBytes: rows.reduce((sum, { item }) => sum + item.record.textBytes, 0),
    items: rows.map(({ item: { slot, version, score, dense, bm25, sparse, relevance } }) => ({
      slot,
      version,
      score,
      dense,
      bm25,
      ...(sparse === undefined ? {} : { sparse }),
      relevance,
    })),
    queryVector,
    statistics,
  };
}

const MANIFEST_DIGITS = 48;
const SLOT_DIGITS = 16;

/** 24 bytes of the manifest's hash and the slot: no two paths that a provider shows have the same. */
const placeOf = (manifest: string, slot: number): string =>
  manifest.slice(0, MANIFEST_DIGITS) + slot.toString(16).padStart(SLOT_DIGITS, '0');

function headOf({ status, index, snapshot, manifest, mode, queryVector, statistics }: AnswerFrame): string {
  const head = {
    v: 1,
    type: 'tributary/answer',
    status,
    index,
    snapshot,
    manifest,
    mode,
    queryVector,
    statistics,
    results: [],
  };
  return JSON.stringify(head).slice(0, -2);
}

/** A result as JSON, in ASCII. For finite numbers JSON and `String` agree, except for -0. */
function resultOf({ slot, score, dense, bm25, sparse, relevance, record }: ProvenItem, comma: boolean): string {
  const parts = `"dense":${number(dense)},"bm25":${number(bm25)},${sparse === undefined ? '' : `"sparse":${number(sparse)},`}`;
  const start = `${comma ? ',' : ''}{"slot":${slot},"score":${number(score)},`;
  return `${start}${parts}"relevance":${number(relevance)},"record":"${record.name}"}`;
}

const number = (value: number | null): string => (value === 0 ? '0' : String(value));

/** The hashes of an inclusion path, one after the other. */
export const pathBytes = (path: readonly Uint8Array[]): Uint8Array => Buffer.concat(path);
