import type { FileRow } from '../files/types.ts';
import { documentNameBytesMax } from '../limits.ts';

/**
 * Name of a file's document in an index: FILE_ID/NAME. Escape sequences would make the prefix of its record ids too
 * long.
 */
export function documentName({ id, filename }: Pick<FileRow, 'id' | 'filename'>): string {
  const characters = [...filename.replace(/[%#]/g, '_')];
  // The extension decides how the file is parsed.
  while (Buffer.byteLength(characters.join('')) > documentNameBytesMax) characters.shift();
  return `${id}/${characters.join('')}`;
}

/** The file of a document, and its name; null for documents that were added in another way. */
export function fileOfDocument(document: string): string | null {
  return /^(file-[0-9a-f]{24})\//.exec(document)?.[1] ?? null;
}
