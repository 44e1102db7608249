import { vectorToBase64url } from '@tributary/proof/primitives';
import { inWords, recordBody, type Metric, type RecordBody, type SparseInput, type VectorKinds } from '@tributary/schemas';
import { CannotHold, toMetadata } from './metadata.ts';
import { reasonCharsMax } from './limits.ts';
import type { Refused, SourceRecord } from './types.ts';

/** How records are changed on their way. */
export interface Rules {
  dimension: number;
  metric: Metric;
  /** Which vectors the index takes. */
  vectors: VectorKinds;
  /** Whether the node embeds the texts, and the vectors of the source are left out. */
  embed: boolean;
  /** Member of the metadata that is the text of a record. */
  textField: string | null;
}

export type Outcome = { record: RecordBody; changed: boolean } | { refused: Refused };

/** The record as the node takes it, or the reason why it cannot. */
export function toRecord(given: SourceRecord, rules: Rules): Outcome {
  try {
    return make(given, rules);
  } catch (error) {
    if (error instanceof CannotHold) return { refused: refuse(given.id, error.message) };
    throw error;
  }
}

export const refuse = (id: string, reason: string): Refused => ({
  id: id.toWellFormed().slice(0, 512),
  reason: reason.toWellFormed().slice(0, reasonCharsMax),
});

function make({ id, vector, sparse = null, metadata: fields, text: apart, more }: SourceRecord, rules: Rules): Outcome {
  const { text, rest } = takeText(apart, fields, rules.textField);
  const { metadata, changed } = toMetadata(rest);
  const record: RecordBody = {
    id,
    ...(text === '' ? {} : { text }),
    ...(rules.embed ? withoutVector(text) : denseOf(vector, rules)),
    ...sparseOf(sparse, rules),
    ...(Object.keys(metadata).length === 0 ? {} : { metadata }),
    ...more,
  };
  const result = recordBody.safeParse(record, { error: inWords });
  if (result.success) return { record: result.data, changed };
  const [issue] = result.error.issues;
  const place = issue?.path[0];
  throw new CannotHold(`${place === undefined ? 'the record' : String(place)} ${issue?.message ?? 'has a wrong shape'}`);
}

/** A member that is not a text stays where it is. */
function takeText(apart: string | null, fields: Record<string, unknown>, textField: string | null) {
  if (textField === null || typeof fields[textField] !== 'string') return { text: apart ?? '', rest: fields };
  const { [textField]: text, ...rest } = fields;
  return { text: text as string, rest };
}

function withoutVector(text: string): object {
  if (text === '') throw new CannotHold('it has no text that could be embedded');
  return {};
}

function denseOf(vector: Float32Array | null, rules: Rules): { vector?: string } {
  if (rules.vectors !== 'sparse') return { vector: checked(vector, rules) };
  if (vector !== null && vector.length > 0) throw new CannotHold('it has a dense vector, and the index takes sparse ones only');
  return {};
}

function sparseOf(sparse: SparseInput | null, { vectors }: Rules): { sparse?: SparseInput } {
  if (sparse === null || sparse.indices.length === 0) {
    if (vectors === 'sparse') throw new CannotHold('it has no sparse vector');
    return {};
  }
  if (vectors === 'dense') throw new CannotHold('it has a sparse vector, and the index takes dense ones only (see --vectors)');
  return { sparse };
}

function checked(vector: Float32Array | null, { dimension, metric }: Rules): string {
  if (vector === null) throw new CannotHold('it has no vector');
  if (vector.length !== dimension) throw new CannotHold(`its vector has ${vector.length} components instead of ${dimension}`);
  if (!vector.every(Number.isFinite)) throw new CannotHold('its vector has a component that is not a finite 32-bit float');
  if (metric === 'cosine' && vector.every((component) => component === 0))
    throw new CannotHold('its vector has only zeros, for which there is no cosine');
  return vectorToBase64url(vector);
}
