import {
  recordInput,
  writeOperationsMax,
  metadata,
  recordId,
  namespace,
  recordTextBytesMax,
  sell,
  sparseVector,
  text,
  inWords,
} from '@tributary/schemas';
import type { SparseVector, StoreErrorCode } from '@tributary/schemas';
import { z } from 'zod';
import { StoreError } from '../errors.ts';
import type { Pace } from '../pace.ts';
import type { IndexSettings } from '../types.ts';
import { checkVector } from '../vectors/vector-store.ts';
import type { CheckedOperation, CheckedWrite, WriteOperation, WriteRequest } from './types.ts';

type Space = Pick<IndexSettings, 'dimension' | 'metric' | 'vectors'>;

const terms = z.object({ sell, licence: text(1_024).nullable() }).optional();
const updateShape = z.object({
  id: recordId,
  namespace,
  text: text(recordTextBytesMax).nullable(),
  sparse: sparseVector.nullable(),
  metadata,
  terms,
});
const deleteShape = z.object({ id: recordId, namespace });

/**
 * Checks a write before anything is changed. Either every record is accepted or none.
 *
 * @throws StoreError WRITE_TOO_LARGE, RECORD_INVALID, METADATA_INVALID, VECTOR_DIMENSION, VECTOR_NOT_FINITE,
 *   VECTOR_ZERO, VECTOR_KIND
 */
export async function validateWrite(write: WriteRequest, space: Space, pace: Pace): Promise<CheckedWrite> {
  if (write.operations.length > writeOperationsMax) {
    throw new StoreError(
      'WRITE_TOO_LARGE',
      `the write holds ${write.operations.length} operations; at most ${writeOperationsMax} fit in one: split it`,
    );
  }
  const operations: CheckedOperation[] = [];
  for (const [at, operation] of write.operations.entries()) {
    if (pace.due()) await pace.rest();
    operations.push(checkOperation(operation, at, space));
  }
  return { ...write, operations };
}

function checkOperation(operation: WriteOperation, at: number, space: Space): CheckedOperation {
  if (operation.kind === 'delete') {
    check(deleteShape, operation, at);
    return operation;
  }
  if (operation.kind === 'update') {
    check(updateShape, { ...operation, metadata: operation.setMetadata }, at);
    checkKinds(operation, space, nameOf(operation, at));
    if (operation.vector !== null) checkVector(space, operation.vector, `the vector of ${nameOf(operation, at)}`);
    return operation;
  }
  const record = check(recordInput, operation.record, at);
  const name = nameOf(record, at);
  if (record.vector === undefined) {
    throw new StoreError('RECORD_INVALID', `${name} has no vector, and this index has no model that could make one`);
  }
  checkKinds(record, space, name);
  if (space.vectors === 'sparse' && record.sparse === null)
    throw new StoreError('VECTOR_KIND', `${name} has no sparse vector, and this index has no others`);
  checkVector(space, record.vector, `the vector of ${name}`);
  return { kind: 'put', record: { ...record, vector: record.vector } };
}

/** Refuses a vector of a kind that the index does not have. @throws StoreError VECTOR_KIND */
function checkKinds(
  { vector, sparse }: { vector?: Float32Array | null | undefined; sparse: SparseVector | null },
  { vectors }: Space,
  name: string,
): void {
  if (vectors === 'dense' && sparse !== null)
    throw new StoreError('VECTOR_KIND', `${name} has a sparse vector; this index has dense vectors only`);
  if (vectors === 'sparse' && vector != null && vector.length > 0)
    throw new StoreError('VECTOR_KIND', `${name} has a dense vector; this index has sparse vectors only`);
}

function check<T extends z.ZodType>(schema: T, value: unknown, at: number): z.output<T> {
  const result = schema.safeParse(value, { error: inWords });
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const path = issue?.path.join('.') ?? '';
  const code: StoreErrorCode = issue?.path[0] === 'metadata' ? 'METADATA_INVALID' : 'RECORD_INVALID';
  throw new StoreError(code, `${nameOf(value, at)}${path === '' ? '' : ` at ${path}`}: ${issue?.message ?? 'wrong shape'}`);
}

function nameOf(value: unknown, at: number): string {
  const id = typeof value === 'object' && value !== null && 'id' in value ? value.id : undefined;
  return typeof id === 'string' && id !== '' ? `record ${at} ('${id.slice(0, 64)}')` : `record ${at}`;
}
