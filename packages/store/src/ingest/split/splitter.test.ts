import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openTokenCounter } from '../../embedder/tokenizer.ts';
import type { ParsedDocument } from '../types.ts';
import { splitInlineUnitsMax } from '../../limits.ts';
import type { Embedder } from '../../embedding.ts';
import { openSplitter } from './splitter.ts';

const MODEL = fileURLToPath(new URL('../../../../../models/bge-small-en-v1.5', import.meta.url));

describe.skipIf(!existsSync(MODEL))('splitting off the event loop (skipped when models/ is not there)', () => {
  it('splits long documents in a worker with the same result as in this thread', async () => {
    const tokenizer = { directory: MODEL, prefix: '' };
    const countTokens = await openTokenCounter(tokenizer);
    const embedder = { maxTokens: 64, tokenizer, countTokens } as Embedder;
    const { tokenizer: _, ...without } = embedder;
    const text = Array.from({ length: 600 }, (_item, at) => `Sentence ${at} of a long text about rivers.`).join(' ');
    const document: ParsedDocument = {
      document: 'a.txt',
      row: null,
      uri: null,
      title: 'A',
      sha256: '0'.repeat(64),
      text,
      blocks: [{ kind: 'paragraph', start: 0, end: text.length }],
      metadata: {},
    };
    expect(text.length).toBeGreaterThan(splitInlineUnitsMax);
    const splitter = openSplitter(embedder);
    onTestFinished(() => splitter.close());
    const chunks = await splitter.split(document);
    expect(chunks.length).toBeGreaterThan(10);
    expect(chunks).toEqual(await openSplitter(without).split(document));
    await splitter.close();
    await expect(splitter.split(document)).rejects.toMatchObject({ code: 'STORE_CLOSED' });
  });
});
