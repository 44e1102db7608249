import { mkdir, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openEmbedder, openStore, type Embedder, type Index, type IngestProgress } from '../src/index.ts';
import { OWNER, askVerified, temporaryFolder, toyEmbedder } from './_helpers.ts';

const MODEL = fileURLToPath(new URL('../../../models/bge-small-en-v1.5', import.meta.url));

async function setUp<E extends Embedder>(
  embedder: E,
): Promise<{ index: Index; docs: string; embedder: E; file: (name: string, text: string) => Promise<void> }> {
  const folder = await temporaryFolder();
  const docs = join(folder, 'docs');
  const store = await openStore({ directory: join(folder, 'store'), owner: OWNER, embedder });
  onTestFinished(() => store.close());
  const index = await store.createIndex({ name: 'notes', dimension: embedder.dimension, metric: 'cosine', model: embedder.card });
  const file = async (name: string, text: string): Promise<void> => {
    await mkdir(join(docs, name, '..'), { recursive: true });
    await writeFile(join(docs, name), text);
  };
  return { index, docs, embedder, file };
}

const paragraph = (word: string): string =>
  Array.from({ length: 6 }, (_, at) => `The ${word} flows by the village number ${at}.`).join(' ');
const page = (...words: string[]): string =>
  `# Notes\n\n${words.map((word) => `## About the ${word}\n\n${paragraph(word)}\n`).join('\n')}`;

describe('ingest', () => {
  it('changes only what changed when it is repeated', async () => {
    const { index, docs, embedder, file } = await setUp(toyEmbedder());
    await file('a.md', page('river', 'brook', 'canal'));
    await file('deep/b.md', page('lake', 'pond'));
    await file('c.txt', 'A text of its own.');
    const first = await index.ingest([docs]);
    expect(first).toMatchObject({ files: 3, documents: 3, rejected: [], aborted: false });
    expect(first.chunks.added).toBe(index.info().records);
    const { sequence } = index.info();

    embedder.texts.length = 0;
    const second = await index.ingest([docs]);
    expect(second.chunks).toEqual({ added: 0, unchanged: first.chunks.added, removed: 0 });
    expect(embedder.texts).toEqual([]);
    expect(index.info().sequence).toBe(sequence);

    // An earlier chunk grows. The later ones keep their ids, although their positions changed.
    const before = (await index.list({ prefix: 'a.md#' })).ids;
    await file('a.md', page('river', 'brook', 'canal').replace('The brook flows', 'The merry brook flows'));
    await rm(join(docs, 'c.txt'));
    const third = await index.ingest([docs]);
    const after = (await index.list({ prefix: 'a.md#' })).ids;
    expect(third.chunks.added).toBe(embedder.texts.length);
    expect(third.chunks.added).toBeLessThanOrEqual(2);
    expect(after.filter((id) => before.includes(id))).toHaveLength(before.length - third.chunks.added);
    expect((await index.list({ prefix: 'c.txt' })).ids).toEqual([]);
    expect(await index.check()).toMatchObject({ ok: true, records: index.info().records });
    const { verified } = await askVerified(index, { text: 'merry brook', vector: null, topK: 1 });
    expect(verified.answer.results[0]?.shown.source.value).toMatchObject({ document: 'a.md', title: 'Notes' });
  });

  it('reports what it cannot read, and keeps what it had of it', async () => {
    const { index, docs, file } = await setUp(toyEmbedder());
    await file('good.md', page('river'));
    await file('turns.docx', 'no archive');
    await file('rows.jsonl', '{"_id":"one","text":"First row."}\n{"_id":"two","text":"Second row."}');
    const first = await index.ingest([docs]);
    expect(first.rejected).toMatchObject([{ file: 'turns.docx', code: 'PARSE_MALFORMED' }]);
    expect((await index.list({ prefix: 'rows.jsonl#one#' })).ids).toHaveLength(1);
    await file('rows.jsonl', '{"_id":"one","text":"First row."}');
    await file('good.md', '');
    const kept = (await index.list({ prefix: 'good.md#' })).ids;
    const second = await index.ingest([docs]);
    expect((await index.list({ prefix: 'rows.jsonl#two#' })).ids).toEqual([]);
    expect(second.rejected).toContainEqual(expect.objectContaining({ file: 'good.md', code: 'PARSE_NO_TEXT' }));
    expect((await index.list({ prefix: 'good.md#' })).ids).toEqual(kept);
    expect(kept.length).toBeGreaterThan(0);
  });

  it('keeps documents of one name from two folders apart, and those of other folders untouched', async () => {
    const { index, docs, file } = await setUp(toyEmbedder());
    await file('one/read.md', page('river'));
    await file('two/read.md', page('lake'));
    await index.ingest([join(docs, 'one')]);
    await index.ingest([join(docs, 'two')]);
    expect((await index.list({ prefix: 'read.md#' })).ids.length).toBeGreaterThan(0);
    expect((await index.list({ prefix: 'two/read.md#' })).ids.length).toBeGreaterThan(0);
    const { records } = index.info();
    const again = await index.ingest([join(docs, 'two')]);
    expect(again.chunks).toMatchObject({ added: 0, removed: 0 });
    expect(index.info().records).toBe(records);
  });

  it('stops when the signal fires, keeps what was written, and continues from there', async () => {
    const { index, docs, file, embedder } = await setUp(toyEmbedder());
    for (let at = 0; at < 24; at += 1)
      await file(`n${at}.md`, page(...Array.from({ length: 16 }, (_, word) => `water${at}x${word}`)));
    const stop = new AbortController();
    const seen: IngestProgress[] = [];
    const report = await index.ingest([docs], { signal: stop.signal }, (progress) => {
      seen.push(progress);
      if (index.info().records > 0) stop.abort();
    });
    expect(report.aborted).toBe(true);
    expect(report.chunks.added).toBe(index.info().records);
    expect(await index.check()).toMatchObject({ ok: true });
    embedder.texts.length = 0;
    const rest = await index.ingest([docs]);
    expect(rest.chunks.unchanged).toBe(report.chunks.added);
    expect(embedder.texts).toHaveLength(rest.chunks.added);
    expect(index.info().records).toBe(report.chunks.added + rest.chunks.added);
    expect(seen.map(({ done }) => done)).toEqual(seen.map(({ done }) => done).toSorted((a, b) => a - b));
  });

  it('plans without writing, and tells how far it has counted', async () => {
    const { index, docs, file } = await setUp(toyEmbedder());
    await file('a.md', page('river', 'brook'));
    await file('b.pdf', 'no pdf');
    const told: IngestProgress[] = [];
    const plan = await index.plan([docs], {}, (progress) => told.push(progress));
    expect(told.map(({ phase, done, total }) => [phase, done, total])).toEqual([
      ['count', 1, 2],
      ['count', 2, 2],
    ]);
    expect(told.at(-1)!.chunks).toBe(plan.chunks);
    expect(plan).toMatchObject({ files: 2, rejectedCount: 1, rejected: [{ file: 'b.pdf' }] });
    expect(plan.chunks).toBeGreaterThan(0);
    expect(index.info().sequence).toBe(0);
    expect((await index.ingest([docs])).chunks.added).toBe(plan.chunks);
    await expect(index.ingest([join(docs, 'absent')])).rejects.toMatchObject({ code: 'PATH_NOT_FOUND' });
  });
});

describe.skipIf(!existsSync(join(MODEL, 'card.json')))('the shipped model (skipped when models/ is not there)', () => {
  it('embeds documents and questions in its worker, one text independent of the others', async () => {
    const embedder = await openEmbedder({ modelDirectory: MODEL, workers: 1 });
    onTestFinished(() => embedder.close());
    const { index } = await setUp(embedder);
    const texts = ['Salmon climb the river in autumn.', 'Jupiter has many moons.', 'Bread rises in a warm kitchen.'];
    const [alone] = await embedder.embed([texts[0]!], 'document');
    const together = await embedder.embed(texts, 'document');
    expect(together[0]).toEqual(alone);
    expect(embedder.countTokens('')).toBe(2);
    await index.upsert(texts.map((text, at) => ({ id: `t${at}`, text })));
    const { verified } = await askVerified(index, { text: 'satellites of a planet', vector: null, mode: 'dense', topK: 1 });
    expect(verified.answer.results[0]?.shown.id.value).toBe('t1');
  });

  it('is refused when a file differs from its card', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'card.json'), JSON.stringify({ id: 'x' }));
    await expect(openEmbedder({ modelDirectory: folder })).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' });
    const card = {
      id: 'x',
      files: [{ path: 'config.json', sha256: '0'.repeat(64) }],
      dimension: 4,
      maxTokens: 32,
      pooling: 'cls',
      normalize: true,
      prefixQuery: '',
      prefixDocument: '',
    };
    await writeFile(join(folder, 'card.json'), JSON.stringify(card));
    await writeFile(join(folder, 'config.json'), '{}');
    await expect(openEmbedder({ modelDirectory: folder })).rejects.toMatchObject({
      code: 'MODEL_NOT_FOUND',
      message: expect.stringContaining('SHA-256'),
    });
  });
});
