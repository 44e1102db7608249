/** What a passage was flagged for. */
export const LABELS = ['hidden-unicode', 'chat-template', 'instruction'] as const;
export type Label = (typeof LABELS)[number];

/** A place in a text that may be meant for a model rather than a reader. Offsets in UTF-16 units. */
export interface Flag {
  label: Label;
  start: number;
  end: number;
}
