import { toBase64url } from '@tributary/proof/primitives';
import { answerBytesMax } from '@tributary/schemas';
import type { AnswerOutcome } from '../types.ts';
import type { AnswerFrame, ProvenItem } from './types.ts';

/**
 * Writes the canonical bytes of an answer (docs/spec/query.md) from encoded parts. Results that would exceed
 * `answerBytesMax` are dropped from the end.
 */
export function encodeAnswer(frame: AnswerFrame, proven: readonly ProvenItem[]): AnswerOutcome {
  const head = Buffer.from(headOf(frame));
  let bytes = head.length + 2;
  const rows: { lead: string; item: ProvenItem }[] = [];
  for (const item of proven) {
    const lead = leadOf(item, rows.length > 0);
    const length = lead.length + item.record.before.length + item.path.length + item.record.after.length;
    if (bytes + length > answerBytesMax) break;
    bytes += length;
    rows.push({ lead, item });
  }
  // A separate buffer, so that it can be transferred to another thread without a copy.
  const body = Buffer.from(new ArrayBuffer(bytes));
  let at = head.copy(body, 0);
  for (const { lead, item } of rows) {
    at += body.write(lead, at, 'latin1');
    for (const part of [item.record.before, item.path, item.record.after]) {
      body.set(part, at);
      at += part.length;
    }
  }
  body.write(']}', at, 'latin1');
  const { status, manifest, snapshot, queryVector, statistics } = frame;
  return {
    body: new Uint8Array(body.buffer),
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

/** The numbers of a result. For finite numbers JSON and `String` agree, except for -0. */
function leadOf({ slot, score, dense, bm25, sparse, relevance }: ProvenItem, comma: boolean): string {
  const parts = `"dense":${number(dense)},"bm25":${number(bm25)},${sparse === undefined ? '' : `"sparse":${number(sparse)},`}`;
  return `${comma ? ',' : ''}{"slot":${slot},"score":${number(score)},${parts}"relevance":${number(relevance)},`;
}

const number = (value: number | null): string => (value === 0 ? '0' : String(value));

/** The hashes of an inclusion path as they stand between the brackets of `path`. */
export const pathBytes = (path: readonly Uint8Array[]): Uint8Array =>
  Buffer.from(path.map((hash) => `"${toBase64url(hash)}"`).join(','), 'latin1');
