import { recordTextBytesMax, TributaryError, writeOperationsMax, type RecordInput } from '@tributary/schemas';
import { StoreError, type Index, type IndexInfo } from '@tributary/store';
import { ownBodyBytesMax } from '../../gateway/limits.ts';
import { hasModel, keptOf } from '../control/kept.ts';
import { checkFields } from '../data/record.ts';
import { indexOf, namespaceOf, readValue, vectorId } from '../parts.ts';
import { committed, type Endpoint } from '../row.ts';

interface Line {
  id: string;
  fields: Record<string, unknown>;
}

export interface AskedRecords {
  index: string;
  namespace: string;
  lines: Line[];
}

/** One record per line: its id and its fields, of which one is the text. */
export const upsertRecordsEndpoint: Endpoint<AskedRecords, { sequence: number }> = {
  status: 201,
  // Majors 5 to 8 leave the content type to `fetch`, which sends a string as plain text.
  bodyTypes: ['application/x-ndjson', 'text/plain'],
  bodyBytesMax: ownBodyBytesMax,
  parse(request) {
    const { body } = request;
    const lines = (typeof body === 'string' ? body : '')
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '');
    if (lines.length === 0 || lines.length > writeOperationsMax) refuse(`give 1 to ${writeOperationsMax} records, one a line`);
    return { index: indexOf(request), namespace: namespaceOf(request), lines: lines.map(readLine) };
  },
  shape: () => undefined,
  headers: committed,
};

function readLine(line: string, at: number): Line {
  const { _id, id = _id, ...fields } = parseLine(line, at);
  if (_id !== undefined && id !== _id) refuse(`Record ${at} has both 'id' and '_id'; give one of them`);
  if (typeof id !== 'string') refuse(`Record ${at} must have an 'id' or '_id' that is a string`);
  return { id: readValue(vectorId, id), fields };
}

function parseLine(line: string, at: number): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return refuse(`Record ${at} is not JSON`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return refuse(`Record ${at} is not a JSON object`);
  return value as Record<string, unknown>;
}

function refuse(message: string): never {
  throw new TributaryError('INPUT_SHAPE', message);
}

/**
 * Embeds and writes.
 *
 * @throws StoreError QUERY_INVALID for an index without a model; the errors of the store
 */
export function upsertRecords(index: Index, { namespace: place, lines }: AskedRecords): Promise<{ sequence: number }> {
  const field = embeddedField(index.info());
  const byId = new Map<string, RecordInput>();
  for (const { id, fields } of lines) {
    const { [field]: text, ...others } = fields;
    if (typeof text !== 'string' || text.trim() === '') refuse(`Record '${id}' must have a text in the field '${field}'`);
    if (Buffer.byteLength(text) > recordTextBytesMax)
      refuse(`Record '${id}': the text in the field '${field}' has more than ${recordTextBytesMax} bytes`);
    byId.set(id, { id, namespace: place, text, metadata: checkFields(others) });
  }
  return index.upsert([...byId.values()]);
}

/**
 * The field whose text the node embeds.
 *
 * @throws StoreError QUERY_INVALID for an index without a model
 */
export function embeddedField(info: IndexInfo): string {
  const { field } = keptOf(info);
  if (field !== null && hasModel(info)) return field;
  throw new StoreError('QUERY_INVALID', 'Integrated inference is not configured for this index; make one with create-for-model');
}
