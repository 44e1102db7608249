import { toResults } from '@tributary/client/http';
import { ProofError, verifyBundle } from '@tributary/proof';
import {
  indexId,
  namespace,
  queryTextBytesMax,
  recordId,
  type GatewayAnswer,
  type GatewayQuery,
  type GatewayResult,
} from '@tributary/schemas';
import { z } from 'zod';
import { clipped } from './clip.ts';
import { McpError } from './errors.ts';
import type { Library, LibraryAnswer } from './library.ts';
import { neighboursMax, readTimeoutMs } from './limits.ts';

/** A passage with what is known of its answer. */
export interface Passage {
  /** Id for `fetch`: it names the record of an own index, or a place in an answer that was paid. */
  id: string;
  result: GatewayResult;
  /** Receipt of the answer; null for an own index. */
  receipt: string | null;
  snapshot: GatewayAnswer['snapshot'];
}

const place = z.tuple([indexId, namespace, recordId]);

/** Names a passage of an answer: by the receipt of a paid one, so that reading it again costs nothing. */
function passageId(result: GatewayResult, receipt: string | null, at: number): string {
  if (receipt !== null) return `answer.${receipt}.${at}`;
  return `record.${Buffer.from(JSON.stringify([result.index, result.namespace, result.id])).toString('base64url')}`;
}

/** The passages of an answer, best first. */
export function passagesOf(answer: LibraryAnswer): Passage[] {
  const parts = new Map((answer.answers ?? [answer]).map((part) => [part.index, part]));
  const seen = new Map<string, number>();
  return answer.results.map((result) => {
    // Results of one index keep the order that its provider signed.
    const at = seen.get(result.index) ?? 0;
    seen.set(result.index, at + 1);
    const part = parts.get(result.index) ?? answer;
    const { receipt } = part.usage;
    return { id: passageId(result, receipt, at), result, receipt, snapshot: part.snapshot };
  });
}

/**
 * Reads a passage again: from the proof of its answer, which is verified, or from the own index.
 *
 * @throws McpError PASSAGE_NOT_FOUND; ProofError when the kept proof does not hold
 */
export async function readPassage(id: string, library: Pick<Library, 'proof' | 'fetch' | 'ask'>): Promise<Passage> {
  const [, receipt, at] = /^answer\.([0-9a-f]{64})\.(\d{1,4})$/.exec(id) ?? [];
  if (receipt !== undefined) return fromProof(id, receipt, Number(at), library);
  const [, packed] = /^record\.([\w-]{1,4096})$/.exec(id) ?? [];
  if (packed !== undefined) return fromRecord(id, packed, library);
  throw unknown(id);
}

async function fromProof(id: string, receipt: string, at: number, library: Pick<Library, 'proof'>): Promise<Passage> {
  const bundle = await library.proof(receipt);
  if (bundle === null) throw unknown(id);
  const { verified, failed } = verifyBundle(bundle);
  if (verified === null) throw new ProofError(failed?.code ?? 'BUNDLE_SHAPE', failed?.message ?? 'the proof cannot be read');
  const result = toResults(verified)[at];
  if (result === undefined) throw unknown(id);
  const { sequence, time } = verified.snapshot.manifest;
  return { id, result, receipt, snapshot: { sequence, at: new Date(time).toISOString() } };
}

/** The record as it is now. A search by its own words finds who wrote it. */
async function fromRecord(id: string, packed: string, library: Pick<Library, 'fetch' | 'ask'>): Promise<Passage> {
  const [index, where, record] = readPlace(packed) ?? [];
  if (index === undefined || where === undefined || record === undefined) throw unknown(id);
  const [found] = await library.fetch({ index, namespace: where }, [record]);
  if (found === undefined) throw unknown(id);
  const words = clipped(found.text, queryTextBytesMax);
  const asked: GatewayQuery = { index, namespace: where, query: words, mode: 'bm25', topK: neighboursMax, minRelevance: 0 };
  const answer = words.trim() === '' ? null : await library.ask(asked, AbortSignal.timeout(readTimeoutMs));
  const result = answer?.results.find((one) => one.id === record);
  if (answer && result) return { id, result: { ...result, text: found.text }, receipt: null, snapshot: answer.snapshot };
  throw new McpError('PASSAGE_NOT_FOUND', `the record '${record}' of ${index} has no text to show; query_index finds others`);
}

function readPlace(packed: string): z.output<typeof place> | null {
  try {
    return place.safeParse(JSON.parse(Buffer.from(packed, 'base64url').toString())).data ?? null;
  } catch {
    return null;
  }
}

const unknown = (id: string): McpError =>
  new McpError(
    'PASSAGE_NOT_FOUND',
    `no passage '${id.slice(0, 80)}' is kept here; use an id of search or query_index, or ask the question again`,
  );
