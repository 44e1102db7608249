import { TributaryError, type Metadata, type SparseInput, type SparseVector } from '@tributary/schemas';
import type { IndexInfo } from '@tributary/store';
import { z } from 'zod';
import { hasModel, keptOf } from '../control/kept.ts';
import { checkFields } from '../data/record.ts';
import { sparseShape, toSparseValues, toVector, valuesShape } from '../data/vector.ts';

// Converts documents, whose vectors and text are fields among others, to records and back.

/** Names of the fields that are not metadata; null: the index has none such. */
export interface FieldNames {
  dense: string | null;
  sparse: string | null;
  text: string | null;
}

/** In an index of vectors they have the names that its schema shows. Vectors that the node computes are not shown. */
export function fieldNames(info: IndexInfo): FieldNames {
  const { field, schema = {} } = keptOf(info);
  const named = (type: string) => Object.keys(schema).find((name) => schema[name]!.type === type);
  return {
    dense: info.vectors === 'sparse' || hasModel(info) ? null : (named('dense_vector') ?? '_values'),
    sparse: info.vectors === 'dense' ? null : (named('sparse_vector') ?? '_sparse_values'),
    text: field,
  };
}

/** A document as the store takes it. What it does not have is left out. */
export interface DocumentParts {
  vector?: Float32Array<ArrayBuffer>;
  sparse?: SparseVector;
  text?: string;
  metadata: Metadata;
}

type Fields = Readonly<Record<string, unknown>>;

/** @throws TributaryError INPUT_SHAPE, METADATA_INVALID, VECTOR_NOT_FINITE */
export function toParts(fields: Fields, names: FieldNames, id: string): DocumentParts {
  const { dense, sparse: pairs, text } = names;
  const own = [dense, pairs, text];
  const others = Object.entries(fields).filter(([name]) => !own.includes(name));
  for (const [name] of others)
    if (name.startsWith('_')) refuse(`Document '${id}': the name of a field must not start with '_', as '${name}' does`);
  const given = <T extends z.ZodType>(name: string | null, shape: T, kind: string): z.output<T> | undefined =>
    name !== null && Object.hasOwn(fields, name)
      ? valueOf(fields[name], shape, `Document '${id}': the field '${name}' ${kind}`)
      : undefined;
  const vector = toVector(given(dense, valuesShape, 'must be a list of numbers'), `'${id}'`);
  const sparse = toSparseValues(given(pairs, sparseShape, 'must have indices and values'), `'${id}'`);
  const words = given(text, z.string(), 'must be a text');
  return {
    ...(vector === undefined ? {} : { vector }),
    ...(sparse === undefined ? {} : { sparse }),
    ...(words === undefined ? {} : { text: words }),
    metadata: checkFields(Object.fromEntries(others)),
  };
}

function valueOf<T extends z.ZodType>(value: unknown, shape: T, message: string): z.output<T> {
  const { success, data } = shape.safeParse(value);
  return success ? data : refuse(message);
}

function refuse(message: string): never {
  throw new TributaryError('INPUT_SHAPE', message);
}

/** A record as it was found or fetched, its text among its fields. */
export interface RecordParts {
  id: string;
  values: number[];
  sparse?: SparseInput;
  fields: Metadata;
}

/** Which fields of a document are shown. */
export type Shown = 'all' | readonly string[];

/** All fields but the id. */
export function toFields({ values, sparse, fields }: RecordParts, { dense, sparse: pairs }: FieldNames, shown: Shown): object {
  const all = {
    ...fields,
    ...(dense === null || values.length === 0 ? {} : { [dense]: values }),
    ...(pairs === null || sparse === undefined ? {} : { [pairs]: sparse }),
  };
  return shown === 'all' ? all : Object.fromEntries(Object.entries(all).filter(([name]) => shown.includes(name)));
}

/** @param unsaid what nothing and an empty list mean */
export function shownOf(given: readonly string[] | undefined, unsaid: Shown): Shown {
  if (given === undefined || given.length === 0) return unsaid;
  return given.includes('*') ? 'all' : given;
}
