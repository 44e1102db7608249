import type { Source } from '@tributary/schemas';

/** The headings above a passage, outermost first. */
export function headings({ title, context }: Source): string {
  if (context === '' || context.startsWith(title)) return context || title;
  return title === '' ? context : `${title} › ${context}`;
}

/** The place of a passage in its document: pages where it has some. */
export function placeIn({ page, pageEnd, start, end }: Source): string {
  if (page === null) return `bytes ${start} to ${end}`;
  return pageEnd === null || pageEnd === page ? `page ${page}` : `pages ${page} to ${pageEnd}`;
}
