import { resolve } from 'node:path';
import { vectorFromBase64url } from '@tributary/proof/primitives';
import { base64url, recordBody, sparseInput } from '@tributary/schemas';
import { z } from 'zod';
import { importLineBytesMax, pageBytesMax, pageRecordsMax } from '../limits.ts';
import { refuse } from '../to-record.ts';
import type { Page, Source, SourceRecord } from '../types.ts';
import { fileFacts } from './file-facts.ts';
import { readJson } from './json.ts';
import { readLines } from '../../read-lines.ts';
import { components, fields, readShape } from './shapes.ts';

/** Lines that are searched for a vector, whose dimension is then that of all. */
const LINES_SEARCHED = 1_000;

/** A line in our own format: a record of `POST /v1/indexes/{name}/records`. */
const ownLine = z.strictObject({
  ...recordBody.shape,
  id: z.string(),
  text: z.string().optional(),
  vector: z.union([components, base64url]).optional(),
  metadata: fields.optional(),
});
/** A line in Pinecone's format: a vector of its upsert. */
const pineconeLine = z.strictObject({
  id: z.string(),
  values: components.optional(),
  metadata: fields.nullable().optional(),
  sparseValues: sparseInput.nullable().optional(),
  sparse_values: sparseInput.nullable().optional(),
});

const cursorShape = z.strictObject({ at: z.number().int().min(0), line: z.number().int().min(0) });

/**
 * A JSONL file: a record a line, in our own format or in that of Pinecone's upsert.
 *
 * @param path of the file
 */
export function jsonlSource(path: string): Source {
  const file = resolve(path);
  return {
    name: { kind: 'jsonl', file },
    async describe({ signal }) {
      const { size, version } = await fileFacts(file);
      return {
        dimension: await dimensionOf(file, signal),
        metric: null,
        total: size,
        namespaces: [''],
        version,
      };
    },
    pages: (cursor, _, { signal }) => readPages(file, cursor, signal),
    count: () => Promise.resolve(null),
    close: () => Promise.resolve(),
  };
}

async function dimensionOf(file: string, signal: AbortSignal): Promise<number | null> {
  let lines = 0;
  for await (const { bytes } of readLines(file, 0, importLineBytesMax, signal)) {
    if (lines >= LINES_SEARCHED) break;
    lines += 1;
    const record = bytes === null ? null : tryRead(bytes);
    if (record !== null && record.vector !== null) return record.vector.length;
  }
  return null;
}

async function* readPages(file: string, cursor: string | null, signal: AbortSignal): AsyncGenerator<Page> {
  let { at, line } = cursor === null ? { at: 0, line: 0 } : readShape(cursorShape, JSON.parse(cursor));
  let page = emptyPage();
  let bytesHeld = 0;
  for await (const { bytes, next } of readLines(file, at, importLineBytesMax, signal)) {
    line += 1;
    at = next;
    bytesHeld += bytes?.length ?? 0;
    if (bytes === null) page.refused.push(refuse(`line ${line}`, `is longer than ${importLineBytesMax} bytes`));
    else if (!isBlank(bytes)) add(page, bytes, line);
    if (page.records.length + page.refused.length < pageRecordsMax && bytesHeld < pageBytesMax) continue;
    yield { ...page, cursor: JSON.stringify({ at, line }), done: at };
    page = emptyPage();
    bytesHeld = 0;
  }
  if (page.records.length + page.refused.length > 0) yield { ...page, cursor: JSON.stringify({ at, line }), done: at };
}

const emptyPage = (): Pick<Page, 'namespace' | 'records' | 'refused'> => ({ namespace: '', records: [], refused: [] });
const isBlank = (bytes: Buffer): boolean => bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);

function add(page: Pick<Page, 'records' | 'refused'>, bytes: Buffer, line: number): void {
  try {
    page.records.push(readRecord(bytes));
  } catch (error) {
    page.refused.push(refuse(`line ${line}`, (error as Error).message));
  }
}

function tryRead(bytes: Buffer): SourceRecord | null {
  try {
    return readRecord(bytes);
  } catch {
    return null;
  }
}

function readRecord(bytes: Buffer): SourceRecord {
  const value = readJson(bytes);
  if (isPinecone(value)) {
    const { id, values, metadata, sparseValues, sparse_values } = readShape(pineconeLine, value);
    const sparse = sparseValues ?? sparse_values ?? null;
    return { id, vector: values?.length ? Float32Array.from(values) : null, sparse, text: null, metadata: metadata ?? {} };
  }
  const { id, vector, sparse = null, text = null, metadata = {}, ...more } = readShape(ownLine, value);
  return { id, vector: vector === undefined ? null : toVector(vector), sparse, text, metadata, more };
}

const isPinecone = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && ('values' in value || 'sparseValues' in value || 'sparse_values' in value);

const toVector = (given: number[] | string): Float32Array =>
  typeof given === 'string' ? Float32Array.from(vectorFromBase64url(given)) : Float32Array.from(given);
