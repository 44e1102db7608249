import { findHidden } from './hidden.ts';
import { findInstructions } from './instructions/find.ts';
import { findTemplates } from './templates.ts';
import type { Flag } from './types.ts';

export { LABELS, type Flag, type Label } from './types.ts';

/**
 * Flags the places of a text that look as if they were meant for a model: characters that a reader does not see, marks
 * of chat templates, and sentences that give a model orders. The text itself is never changed. Rules find known kinds
 * only, so a text without flags is not therefore harmless (docs/guides/agents.md#screening).
 */
export function screen(text: string): Flag[] {
  return [...findHidden(text), ...findTemplates(text), ...findInstructions(text)].toSorted((a, b) => a.start - b.start);
}
