// Files that a caller hands over instead of a folder. They are ingested one by one.
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openStore, type Index } from '../src/index.ts';
import { OWNER, requestOf, temporaryFolder, toyEmbedder } from './_helpers.ts';

async function setUp() {
  const folder = await temporaryFolder();
  const embedder = toyEmbedder();
  const open = () => openStore({ directory: join(folder, 'store'), owner: OWNER, embedder });
  const store = await open();
  const state = { store };
  onTestFinished(() => state.store.close());
  const index = await store.createIndex({ name: 'notes', dimension: embedder.dimension, metric: 'cosine', model: embedder.card });
  let count = 0;
  /** Writes a file that will be handed over under another name. */
  const file = async (name: string, bytes: string | Uint8Array) => {
    const path = join(folder, `spooled-${count++}`);
    await writeFile(path, bytes);
    return { path, name };
  };
  const reopen = async (): Promise<Index> => {
    await state.store.close();
    state.store = await open();
    return state.store.index('notes');
  };
  return { folder, store, index, embedder, file, reopen };
}

/** So long that a chunk cannot contain two of them. */
const SALMON = 'Salmon climb the weirs of the upper river in the autumn, when the rain has come and nights are cold.';
const STORKS = 'Storks nest on chimneys of the lower river in the spring, when the flood has gone and meadows are wet.';

/** Chunks begin with the headings above them. */
const lastLine = (text: string): string => text.split('\n').at(-1)!;
const textsOf = async (index: Index): Promise<string[]> => {
  const { ids } = await index.list({});
  return (await index.fetch(ids)).map(({ text }) => lastLine(text));
};
const namesOf = async (index: Index): Promise<string[]> => (await index.documents()).map(({ document }) => document);

describe('a file that is handed over', () => {
  it('is cut, written and found, and is in the index after a restart', async () => {
    const { index, file, reopen } = await setUp();
    const heard: unknown[] = [];
    const markdown = `# Rivers\n\n## Salmon\n\n${SALMON}\n\n## Storks\n\n${STORKS}`;
    const added = await index.addFile(await file('birds/notes.md', markdown), {}, (progress) => heard.push(progress));
    expect(added).toEqual({
      document: 'birds/notes.md',
      namespace: '',
      bytes: markdown.length,
      records: 2,
      chunks: { added: 2, unchanged: 0, removed: 0 },
      leftOut: { count: 0, first: null },
      flagged: { count: 0, flags: [] },
      sequence: 1,
    });
    expect(heard.at(-1)).toEqual({ embedded: 2, found: 2 });
    const again = await reopen();
    const { records } = await again.search({
      parsed: requestOf(again.info().id, { text: 'storks', mode: 'bm25', vector: null }),
    });
    expect(records).toMatchObject([
      { text: expect.stringContaining(STORKS), source: { document: 'birds/notes.md', title: 'Rivers' } },
    ]);
    expect(await again.documents()).toMatchObject([{ document: 'birds/notes.md', file: 'upload:birds/notes.md', whole: true }]);
  });

  it('writes nothing when it comes again unchanged, and only what is new when it changed', async () => {
    const { index, file, embedder } = await setUp();
    const first = `# Rivers\n\n## Salmon\n\n${SALMON}\n\n## Storks\n\n${STORKS}`;
    await index.addFile(await file('a.md', first));
    const { sequence } = index.info();
    const same = await index.addFile(await file('a.md', first));
    expect(same).toMatchObject({ records: 2, chunks: { added: 0, unchanged: 2, removed: 0 }, sequence });
    expect(index.info().sequence).toBe(sequence);
    embedder.texts.length = 0;
    const changed = await index.addFile(await file('a.md', first.replace('nest', 'sleep')));
    expect(changed).toMatchObject({ records: 2, chunks: { added: 1, unchanged: 1, removed: 1 } });
    expect(embedder.texts).toHaveLength(1);
    expect((await textsOf(index)).toSorted()).toEqual([SALMON, STORKS.replace('nest', 'sleep')]);
    // Other metadata make other chunks.
    expect(await index.addFile(await file('a.md', first), { metadata: { lang: 'en' } })).toMatchObject({
      chunks: { added: 2, removed: 2 },
    });
  });

  it('is cut into smaller chunks when that is asked for, and again when it is asked otherwise', async () => {
    const { index, file } = await setUp();
    const text = Array.from({ length: 8 }, (_, at) => `Salmon number ${at} climb the weir in autumn.`).join(' ');
    const add = async (options: object) => (await index.addFile(await file('a.txt', text), options)).records;
    const [whole, small] = [await add({}), await add({ chunkTokens: 20 })];
    expect(small).toBeGreaterThan(whole);
    // Not more than the window, and nothing is done twice.
    expect(await add({ chunkTokens: 4_096 })).toBe(whole);
    const { sequence } = index.info();
    expect([await add({ chunkTokens: 4_096 }), index.info().sequence]).toEqual([whole, sequence]);
  });

  it('is read as its name ends, else as its media type says', async () => {
    const { index, file } = await setUp();
    const html = '<title>Weirs</title><p>The weir is closed.';
    await index.addFile({ ...(await file('page', html)), mediaType: 'text/html; charset=utf-8' });
    await index.addFile({ ...(await file('page.txt', html)), mediaType: 'text/html' });
    expect((await textsOf(index)).toSorted()).toEqual([html, 'The weir is closed.']);
    for (const mediaType of [undefined, 'application/octet-stream', 'image/png', '']) {
      const given = { ...(await file('picture', 'x')), ...(mediaType === undefined ? {} : { mediaType }) };
      await expect(index.addFile(given)).rejects.toMatchObject({ code: 'PARSE_UNSUPPORTED' });
    }
  });

  it('follows the rules of what is sold, and keeps what one of its rows lacks', async () => {
    const { index, file } = await setUp();
    const rows = '{"_id":"1","text":"The flood begins."}\n{"_id":"2","text":"  "}';
    const added = await index.addFile(await file('secret.jsonl', rows), {
      sell: (document) => (document.startsWith('secret') ? 'never' : 'full'),
    });
    expect(added).toMatchObject({ records: 1, leftOut: { count: 1, first: expect.stringMatching(/^2: /) } });
    expect(await index.documents()).toMatchObject([{ sell: 'never', records: 1 }]);
  });

  it.each<[string, string, string | Uint8Array, string]>([
    ['a kind that nobody reads', 'a.png', 'x', 'PARSE_UNSUPPORTED'],
    ['nothing', 'a.md', '', 'PARSE_NO_TEXT'],
    ['no PDF', 'a.pdf', 'no PDF', 'PARSE_MALFORMED'],
    ['bytes that are no text', 'a.txt', Uint8Array.from({ length: 4_000 }, (_, at) => (at * 7_919) % 256), 'PARSE_UNSUPPORTED'],
    ['rows without text', 'a.jsonl', '{"_id":"1","text":" "}', 'PARSE_NO_TEXT'],
    ['metadata that is none', 'a.jsonl', '{"_id":"1","text":"a","metadata":{"$k":1}}', 'METADATA_INVALID'],
  ])('that holds %s is refused, and the index stays as it was', async (_, name, bytes, code) => {
    const { index, file } = await setUp();
    await expect(index.addFile(await file(name, bytes))).rejects.toMatchObject({ code });
    expect([await namesOf(index), index.info().records]).toEqual([[], 0]);
    await index.addFile(await file('a.md', 'Salmon climb.'));
    await expect(index.addFile({ ...(await file(name, bytes)), name })).rejects.toMatchObject({ code });
    expect(await textsOf(index)).toEqual(['Salmon climb.']);
  });

  it('that becomes unreadable leaves the document as it was', async () => {
    const { index, file } = await setUp();
    await index.addFile(await file('a.txt', 'Salmon climb.'));
    const { sequence } = index.info();
    await expect(index.addFile(await file('a.txt', ''))).rejects.toMatchObject({ code: 'PARSE_NO_TEXT' });
    expect([await textsOf(index), index.info().sequence]).toEqual([['Salmon climb.'], sequence]);
  });
});

describe('several at the same time', () => {
  it('wait for each other, each is written as a whole, and an ingest is refused meanwhile', async () => {
    const { index, file } = await setUp();
    const files = await Promise.all(Array.from({ length: 20 }, (_, at) => file(`${at % 10}.md`, `Salmon ${at} climb.`)));
    const adding = Promise.all(files.map((one) => index.addFile(one)));
    await expect(index.ingest([])).rejects.toMatchObject({ code: 'STORE_BUSY' });
    const deleted = index.deleteDocument({ namespace: '', document: '0.md' });
    await adding;
    expect(await deleted).toMatchObject({ records: 1 });
    // Of two with one name the later stays.
    expect((await textsOf(index)).toSorted()).toEqual(
      Array.from({ length: 9 }, (_, at) => `Salmon ${at + 11} climb.`).toSorted(),
    );
  });

  it('do not keep the index from being removed: those that are not done are refused', async () => {
    const { index, store, file } = await setUp();
    const files = await Promise.all(Array.from({ length: 20 }, (_, at) => file(`${at}.md`, `Salmon ${at} climb.`)));
    const adding = Promise.allSettled(files.map((one) => index.addFile(one)));
    await store.removeIndex('notes');
    for (const one of await adding) if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'STORE_CLOSED' });
    expect((await adding).at(-1)!.status).toBe('rejected');
    expect(store.indexes()).toEqual([]);
  });

  it('more than may wait are refused', async () => {
    const { index, file } = await setUp();
    const one = await file('a.md', 'Salmon climb.');
    const all = await Promise.allSettled(Array.from({ length: 66 }, (_, at) => index.addFile({ ...one, name: `${at}.md` })));
    const refused = all.flatMap((each) => (each.status === 'rejected' ? [(each.reason as { code: string }).code] : []));
    expect(refused).toEqual(['STORE_BUSY', 'STORE_BUSY']);
    expect((await index.documents()).length).toBe(64);
  });

  it('one that is given up while it waits is not taken in', async () => {
    const { index, file } = await setUp();
    const abort = new AbortController();
    const first = index.addFile(await file('a.md', 'Salmon climb.'));
    const second = index.addFile(await file('b.md', 'Storks nest.'), { signal: abort.signal });
    abort.abort(new Error('gave up'));
    await expect(second).rejects.toThrow('gave up');
    await first;
    expect(await namesOf(index)).toEqual(['a.md']);
  });
});

describe('beside folders', () => {
  it('a document that was handed over has not moved or vanished with any folder, and keeps its name', async () => {
    const { folder, index, file } = await setUp();
    const text = 'Salmon climb.';
    await index.addFile(await file('a.md', text));
    const docs = join(folder, 'docs');
    await mkdir(docs);
    await writeFile(join(docs, 'a.md'), text);
    await index.ingest([docs]);
    expect(await namesOf(index)).toEqual(['a.md', 'docs/a.md']);
    await rename(docs, join(folder, 'moved'));
    await index.ingest([join(folder, 'moved')]);
    expect(await namesOf(index)).toEqual(['a.md', 'moved/a.md']);
    expect((await index.documents()).map((each) => each.file)).toEqual(['upload:a.md', join(folder, 'moved/a.md')]);
    expect(await readFile(join(folder, 'moved/a.md'), 'utf8')).toBe(text);
  });
});

it('documents are listed a page at a time, of all namespaces or of one', async () => {
  const { index, file } = await setUp();
  for (const [name, namespace] of [
    ['a.md', ''],
    ['b.md', ''],
    ['c.md', ''],
    ['a.md', 'other'],
  ] as const)
    await index.addFile(await file(name, 'Salmon climb.'), { namespace });
  const page = async (...asked: Parameters<Index['documents']>) =>
    (await index.documents(...asked)).map(({ namespace, document }) => `${namespace}/${document}`);
  expect(await page()).toEqual(['/a.md', '/b.md', '/c.md', 'other/a.md']);
  expect(await page(null, { namespace: '', limit: 2 })).toEqual(['/a.md', '/b.md']);
  expect(await page({ namespace: '', document: 'b.md' }, { namespace: '', limit: 2 })).toEqual(['/c.md']);
  expect(await page(null, { namespace: 'other' })).toEqual(['other/a.md']);
});
