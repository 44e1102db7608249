import { dimensionMax, inWords } from '@tributary/schemas';
import { z } from 'zod';

// Shapes that several sources share. Ids, metadata and vectors are checked again when a record is made of them.

/** Components of a vector. Checked by hand, because zod takes ten times as long for each. */
export const components = z.custom<number[]>(
  (value) => Array.isArray(value) && value.length <= dimensionMax && value.every((one) => typeof one === 'number'),
  'must be a list of numbers',
);
/** Metadata of any form. */
export const fields = z.record(z.string(), z.unknown());

/** What is wrong with a value, in a few words. */
function issueOf(error: z.ZodError): string {
  const [issue] = error.issues;
  const place = issue?.path.join('.') ?? '';
  return `${place === '' ? '' : `${place}: `}${issue?.message ?? 'has a wrong shape'}`;
}

/** Reads a value; the error says what is wrong. */
export function readShape<T extends z.ZodType>(shape: T, value: unknown): z.output<T> {
  const result = shape.safeParse(value, { error: inWords });
  if (result.success) return result.data;
  throw new Error(issueOf(result.error));
}
