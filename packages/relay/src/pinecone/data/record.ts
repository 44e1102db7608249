import { metadataBytesMax, TributaryError, type Metadata } from '@tributary/schemas';
import { z } from 'zod';

// Converts records between Pinecone's form, where the text is one of the fields, and the node's, where it is not.

/** Fields of a record. Their values are checked later, with better messages. */
export const fieldsShape = z.record(z.string(), z.unknown());

/** @throws TributaryError METADATA_INVALID */
export function checkFields(fields: Record<string, unknown>): Metadata {
  for (const [key, value] of Object.entries(fields)) {
    const list = Array.isArray(value) && value.every((part) => typeof part === 'string');
    if (!list && !['string', 'number', 'boolean'].includes(typeof value))
      refuse(`Metadata value must be a string, number, boolean or list of strings, got '${short(value)}' for field '${key}'`);
    if (key === '' || key.startsWith('$')) refuse(`Metadata key '${key}' must not be empty or start with '$'`);
  }
  const bytes = Buffer.byteLength(JSON.stringify(fields));
  if (bytes > metadataBytesMax)
    refuse(`Metadata size is ${bytes} bytes, which exceeds the limit of ${metadataBytesMax} bytes per vector`);
  return fields as Metadata;
}

function refuse(message: string): never {
  throw new TributaryError('METADATA_INVALID', message);
}

const short = (value: unknown): string => (JSON.stringify(value) ?? 'undefined').slice(0, 80);

/** @throws TributaryError METADATA_INVALID */
export function toStored(fields: Record<string, unknown>, field: string | null): { text?: string; metadata: Metadata } {
  if (field === null || typeof fields[field] !== 'string') return { metadata: checkFields(fields) };
  const { [field]: text, ...others } = fields;
  return { text: text as string, metadata: checkFields(others) };
}

/** A text that was written elsewhere is shown as `text`, unless the metadata have that name. */
export function toFields({ text, metadata }: { text: string; metadata: Metadata }, field: string | null): Metadata {
  return text === '' ? metadata : { [field ?? 'text']: text, ...metadata };
}
