import type { Block, ParsedDocument } from '../types.ts';

/** A heading and the text up to the next heading. The first section of a document may have no heading. */
export interface Section {
  /** Headings from the outermost to the section's own. */
  path: string[];
  hasHeading: boolean;
  blocks: Block[];
}

/** Sections in order. Text outside all blocks becomes paragraphs, so that no text is lost. */
export function sectionsOf(document: Pick<ParsedDocument, 'text' | 'blocks'>): Section[] {
  const sections: Section[] = [];
  const open: { level: number; heading: string }[] = [];
  for (const block of allBlocks(document)) {
    if (block.kind === 'heading') {
      const level = block.level ?? 1;
      while (open.length > 0 && (open.at(-1)?.level ?? 0) >= level) open.pop();
      open.push({ level, heading: block.heading ?? document.text.slice(block.start, block.end).trim() });
    }
    const section = sections.at(-1);
    if (section === undefined || block.kind === 'heading') {
      const path = open.map(({ heading }) => heading).filter((heading) => heading !== '');
      sections.push({ path, hasHeading: block.kind === 'heading', blocks: [block] });
    } else section.blocks.push(block);
  }
  return sections;
}

/** The blocks, and paragraphs for the text between them. */
function* allBlocks({ text, blocks }: Pick<ParsedDocument, 'text' | 'blocks'>): Generator<Block> {
  let at = 0;
  for (const block of [...blocks, { kind: 'paragraph' as const, start: text.length, end: text.length }]) {
    const start = Math.min(Math.max(block.start, at), text.length);
    const end = Math.min(Math.max(block.end, start), text.length);
    if (hasText(text, at, start)) yield { kind: 'paragraph', start: at, end: start };
    if (hasText(text, start, end)) yield { ...block, start, end };
    at = Math.max(at, end);
  }
}

function hasText(text: string, start: number, end: number): boolean {
  return start < end && /\S/u.test(text.slice(start, end));
}
