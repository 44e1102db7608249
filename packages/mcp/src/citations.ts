import { z } from 'zod';
import type { Passage } from './passages.ts';

/** Where a passage comes from, and who vouches for it. */
export const citation = z.object({
  title: z.string(),
  /** Address of the source document; null when its owner gave none. */
  uri: z.string().nullable(),
  page: z.number().nullable(),
  /** did:key that signed the write. */
  signer: z.string(),
  author: z.string().nullable(),
  licence: z.string().nullable(),
  index: z.string(),
  /** Receipt of the paid answer, for verify_result; null for an own index. */
  receipt: z.string().nullable(),
  snapshot: z.object({ sequence: z.number(), at: z.string() }),
  /** True when the proof of the answer was checked here. */
  verified: z.boolean(),
  /** The passage as a page. */
  url: z.string(),
});
export type Citation = z.output<typeof citation>;

export function citationOf({ result, receipt, snapshot }: Passage, url: string): Citation {
  const { source, signer, author, licence, index, verified } = result;
  return {
    title: titleOf(result),
    uri: source?.uri ?? null,
    page: source?.page ?? null,
    signer,
    author,
    licence,
    index,
    receipt,
    snapshot,
    verified,
    url,
  };
}

/** The title of the document, with the heading above the passage; the id of a record that has none. */
export function titleOf({ source, id }: Passage['result']): string {
  if (source === null || source.title === '') return id;
  return source.context === '' ? source.title : `${source.title}: ${source.context}`;
}
