import { pageBytesMax, pageRecordsMax } from '../limits.ts';

/** Records of a page whose vectors stay within the bounds of a page. */
export const pageSize = (dimension: number | null, most: number = pageRecordsMax): number =>
  Math.max(1, Math.min(most, Math.floor(pageBytesMax / (4 * (dimension ?? 1)))));
