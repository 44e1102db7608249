import { clipped } from './clip.ts';
import { bytesPerToken } from './limits.ts';

/** About how many tokens a text takes: a model's own count is lower for English. */
const tokensOf = (text: string): number => Math.ceil(Buffer.byteLength(text) / bytesPerToken);

/**
 * As many items as fit, in order. If not even the first fits, its text is cut, so that an answer is never empty for
 * want of room.
 */
export function fitted<T extends { text: string }>(items: readonly T[], tokensMax: number): { items: T[]; truncated: boolean } {
  const kept: T[] = [];
  let left = tokensMax;
  for (const item of items) {
    const tokens = tokensOf(JSON.stringify(item));
    if (tokens > left) break;
    kept.push(item);
    left -= tokens;
  }
  if (kept.length > 0 || items.length === 0) return { items: kept, truncated: kept.length < items.length };
  const first = items[0]!;
  const frame = tokensOf(JSON.stringify({ ...first, text: '' }));
  const room = Math.max(0, tokensMax - frame) * bytesPerToken;
  return { items: [{ ...first, text: clipped(first.text, room) }], truncated: true };
}
