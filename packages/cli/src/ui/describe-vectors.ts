/** What the records of an index have. */
export function describeVectors({ dimension, vectors }: { dimension: number; vectors?: string | undefined }): string {
  if (vectors === 'sparse') return 'sparse vectors';
  return `${dimension} dimensions${vectors === 'both' ? ' and sparse vectors' : ''}`;
}
