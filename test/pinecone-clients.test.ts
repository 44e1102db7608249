// Unmodified clients of Pinecone, majors 3 to 9, against a real node process over plain http.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MAJORS, openPinecone, type Driver } from './_pinecone.ts';
import { openWorkplace, type Workplace } from './_processes.ts';

const MODEL = 'BAAI/bge-small-en-v1.5';
const spec = { serverless: { cloud: 'aws', region: 'us-east-1' } };

let place: Workplace;
let folder: string;
let url: string;
beforeAll(async () => {
  place = await openWorkplace();
  folder = await mkdtemp(join(tmpdir(), 'tributary-pinecone-'));
  const node = place.start(['node', '--data', join(folder, 'node'), '--port', '0']);
  url = (await node.says(/node at (http:\S+)/))[1]!;
}, 120_000);
afterAll(async () => {
  await place.close();
  await rm(folder, { recursive: true, force: true });
});

interface Operation {
  name: string;
  /** The first major that has it. */
  since: number;
  run(driver: Driver, names: Names): Promise<void>;
}
interface Names {
  vectors: string;
  texts: string;
}

const open = (major: number, address = url) => openPinecone(major, address, 'none');
const defaultNamespace = ({ major }: Driver) => (major <= 5 ? '' : '__default__');
const ids = (reply: unknown) => (reply as { matches: { id: string }[] }).matches.map(({ id }) => id);
/** As clients read them: a record of the whole reply. */
const recordsOf = (reply: unknown) => (reply as { records: Record<string, { values: number[]; metadata?: object }> }).records;

// In the order in which they run: each builds on what the one before left.
const OPERATIONS: Operation[] = [
  {
    name: 'createIndex',
    since: 3,
    async run({ client, major }, { vectors }) {
      const tags = major >= 5 ? { tags: { team: 'rivers', stage: 'test' } } : {};
      const wished = { name: vectors, dimension: 3, metric: 'cosine', spec, waitUntilReady: true, ...tags };
      await client['createIndex']!(wished);
      await expect(client['createIndex']!(wished)).rejects.toMatchObject({ name: 'PineconeConflictError' });
      expect(await client['createIndex']!({ ...wished, suppressConflicts: true })).toBeUndefined();
    },
  },
  {
    name: 'describeIndex',
    since: 3,
    async run({ client, major }, { vectors }) {
      const index = (await client['describeIndex']!(vectors)) as Record<string, unknown>;
      expect(index).toMatchObject({
        name: vectors,
        host: expect.stringMatching(new RegExp(`^${url}/i/${vectors}@[0-9a-f]{32}$`)),
        status: { ready: true, state: 'Ready' },
        deletionProtection: 'disabled',
      });
      // Members that the last major computes are not enumerable.
      expect([index['dimension'], index['metric'], index['spec']]).toMatchObject([
        3,
        'cosine',
        { serverless: { cloud: 'aws', region: 'us-east-1' } },
      ]);
      if (major >= 5) expect(index['tags']).toEqual({ team: 'rivers', stage: 'test' });
      if (major >= 5) expect(index['vectorType']).toBe('dense');
      await expect(client['describeIndex']!('nothing-here')).rejects.toMatchObject({ name: 'PineconeNotFoundError' });
    },
  },
  {
    name: 'listIndexes',
    since: 3,
    async run({ client }, { vectors }) {
      const { indexes } = (await client['listIndexes']!()) as { indexes: { name: string }[] };
      expect(indexes.map(({ name }) => name)).toContain(vectors);
    },
  },
  {
    name: 'configureIndex: deletion protection',
    since: 3,
    async run({ client, major }, { vectors }) {
      await configure({ client, major }, vectors, { deletionProtection: 'enabled' });
      await expect(client['deleteIndex']!(vectors)).rejects.toMatchObject({
        message: expect.stringContaining('Deletion protection is enabled for this index'),
      });
      await configure({ client, major }, vectors, { deletionProtection: 'disabled' });
      expect(await client['describeIndex']!(vectors)).toMatchObject({ deletionProtection: 'disabled' });
    },
  },
  {
    name: 'configureIndex: tags',
    since: 5,
    async run({ client, major }, { vectors }) {
      await configure({ client, major }, vectors, { tags: { stage: '', owner: 'me' } });
      expect(await client['describeIndex']!(vectors)).toMatchObject({ tags: { team: 'rivers', owner: 'me' } });
      const { tags } = (await client['describeIndex']!(vectors)) as { tags: object };
      expect(tags).not.toHaveProperty('stage');
    },
  },
  {
    name: 'upsert',
    since: 3,
    async run(driver, { vectors }) {
      const records = [
        { id: 'a', values: [1, 0, 0], metadata: { genre: 'drama', year: 2001, tags: ['x', 'y'], seen: true } },
        { id: 'b', values: [0.8, 0.6, 0], metadata: { genre: 'comedy', year: 1999 } },
        { id: 'c', values: [0.5, 0.4, 0.1] },
      ];
      await driver.index(vectors).upsert(records);
      await driver.index(vectors, 'ns 1/ü'.replace('ü', 'u')).upsert([{ id: '#1 / x', values: [0, 1, 0] }]);
    },
  },
  {
    name: 'query by vector',
    since: 3,
    async run(driver, { vectors }) {
      const index = driver.index(vectors).face;
      const found = await index['query']!({ vector: [1, 0, 0], topK: 2, includeMetadata: true, includeValues: true });
      expect(found).toMatchObject({
        matches: [
          { id: 'a', score: 1, values: [1, 0, 0], metadata: { genre: 'drama', year: 2001, tags: ['x', 'y'], seen: true } },
          { id: 'b', score: expect.closeTo(0.8, 6), values: [0.8, 0.6, 0] },
        ],
        usage: { readUnits: 1 },
      });
      const plain = (await index['query']!({ vector: [1, 0, 0], topK: 1 })) as { matches: object[] };
      expect(plain.matches[0]).not.toHaveProperty('metadata.genre');
      expect(plain.matches[0]).toMatchObject({ values: [] });
    },
  },
  {
    name: 'query by id',
    since: 3,
    async run(driver, { vectors }) {
      const index = driver.index(vectors).face;
      expect(ids(await index['query']!({ id: 'b', topK: 10 }))).toEqual(['b', 'c', 'a']);
      expect(ids(await index['query']!({ id: 'nobody', topK: 10 }))).toEqual([]);
    },
  },
  {
    name: 'query with a filter',
    since: 3,
    async run(driver, { vectors }) {
      const index = driver.index(vectors).face;
      const ask = async (filter: object) => ids(await index['query']!({ vector: [1, 1, 1], topK: 10, filter })).toSorted();
      expect(await ask({ genre: 'drama' })).toEqual(['a']);
      expect(await ask({ genre: { $ne: 'drama' } })).toEqual(['b', 'c']);
      expect(await ask({ $or: [{ year: { $lt: 2000 } }, { tags: 'x' }] })).toEqual(['a', 'b']);
      expect(await ask({ $and: [{ genre: { $in: ['drama', 'comedy'] } }, { year: { $gte: 2001 } }] })).toEqual(['a']);
      expect(await ask({ year: { $exists: false } })).toEqual(['c']);
      await expect(ask({ year: { $between: [1, 2] } })).rejects.toMatchObject({
        name: 'PineconeBadRequestError',
        message: expect.stringContaining('$between'),
      });
    },
  },
  {
    name: 'fetch',
    since: 3,
    async run(driver, { vectors }) {
      const records = recordsOf(await driver.index(vectors).fetch(['c', 'nobody', 'a']));
      expect(Object.keys(records)).toEqual(['c', 'a']);
      // As short as they were written.
      expect(records['c']!.values).toEqual([0.5, 0.4, 0.1]);
      expect(records['a']!.metadata).toEqual({ genre: 'drama', year: 2001, tags: ['x', 'y'], seen: true });
      const other = recordsOf(await driver.index(vectors, 'ns 1/u').fetch(['#1 / x']));
      expect(other['#1 / x']!.values).toEqual([0, 1, 0]);
    },
  },
  {
    name: 'fetchByMetadata',
    since: 7,
    async run(driver, { vectors }) {
      const { face } = driver.index(vectors);
      const page = (await face['fetchByMetadata']!({ filter: { year: { $gt: 1990 } }, limit: 1 })) as {
        pagination: { next: string };
      };
      expect(Object.keys(recordsOf(page))).toEqual(['a']);
      const paginationToken = page.pagination.next;
      const last = await face['fetchByMetadata']!({ filter: { year: { $gt: 1990 } }, limit: 1, paginationToken });
      expect(Object.keys(recordsOf(last))).toEqual(['b']);
      expect((last as { pagination?: object }).pagination?.['next' as never]).toBeUndefined();
    },
  },
  {
    name: 'listPaginated',
    since: 3,
    async run(driver, { vectors }) {
      const index = driver.index(vectors, 'pages');
      await index.upsert(Array.from({ length: 7 }, (_, at) => ({ id: `doc${at % 2}#${at}`, values: [1, at, 0] })));
      const list = async (options: object) => {
        const { vectors: found, pagination } = (await index.face['listPaginated']!(options)) as {
          vectors: { id: string }[];
          pagination?: { next: string };
        };
        return [found.map(({ id }) => id), pagination?.next] as const;
      };
      const [first, next] = await list({ prefix: 'doc0#', limit: 3 });
      expect(first).toEqual(['doc0#0', 'doc0#2', 'doc0#4']);
      expect(await list({ prefix: 'doc0#', limit: 3, paginationToken: next })).toEqual([['doc0#6'], undefined]);
      expect((await list({}))[0]).toHaveLength(7);
      expect(await list({ prefix: 'none' })).toEqual([[], undefined]);
    },
  },
  {
    name: 'update',
    since: 3,
    async run(driver, { vectors }) {
      const { face, ...index } = driver.index(vectors);
      await face['update']!({ id: 'a', values: [0.9, 0.1, 0], metadata: { year: 2002, more: 'yes' } });
      expect(recordsOf(await index.fetch(['a']))['a']).toMatchObject({
        values: [0.9, 0.1, 0],
        metadata: { genre: 'drama', year: 2002, more: 'yes' },
      });
      await face['update']!({ id: 'nobody', values: [1, 1, 1] });
      expect(Object.keys(recordsOf(await index.fetch(['nobody'])))).toEqual([]);
    },
  },
  {
    name: 'update by filter',
    since: 7,
    async run(driver, { vectors }) {
      const { face, ...index } = driver.index(vectors, 'pages');
      await index.upsert([{ id: 'm', values: [1, 2, 3], metadata: { state: 'new' } }]);
      await face['update']!({ filter: { state: 'new' }, metadata: { state: 'old' } });
      expect(recordsOf(await index.fetch(['m']))['m']!.metadata).toEqual({ state: 'old' });
      await index.deleteOne('m');
    },
  },
  {
    name: 'describeIndexStats',
    since: 3,
    async run(driver, { vectors }) {
      const stats = await driver.index(vectors).face['describeIndexStats']!();
      expect(stats).toMatchObject({ dimension: 3, totalRecordCount: 11 });
      const { namespaces } = stats as { namespaces: object };
      expect(namespaces).toEqual({
        [defaultNamespace(driver)]: { recordCount: 3 },
        pages: { recordCount: 7 },
        'ns 1/u': { recordCount: 1 },
      });
    },
  },
  {
    name: 'deleteOne, deleteMany, deleteAll',
    since: 3,
    async run(driver, { vectors }) {
      const pages = driver.index(vectors, 'pages');
      await pages.deleteOne('doc1#5');
      await pages.deleteMany(['doc0#0', 'doc0#2', 'nobody']);
      expect(await pages.face['listPaginated']!()).toMatchObject({
        vectors: ['doc0#4', 'doc0#6', 'doc1#1', 'doc1#3'].map((id) => ({ id })),
      });
      const index = driver.index(vectors);
      await index.deleteMany({ filter: { genre: 'comedy' } });
      expect(Object.keys(recordsOf(await index.fetch(['a', 'b', 'c'])))).toEqual(['a', 'c']);
      await pages.face['deleteAll']!();
      await expect(pages.face['deleteAll']!()).rejects.toMatchObject({ name: 'PineconeNotFoundError' });
      await index.face['deleteAll']!();
      await index.face['deleteAll']!();
      expect(await index.face['describeIndexStats']!()).toMatchObject({ totalRecordCount: 1 });
    },
  },
  {
    name: 'listNamespaces, describeNamespace, deleteNamespace',
    since: 6,
    async run(driver, { vectors }) {
      await driver.index(vectors, 'n1').upsert([{ id: 'a', values: [1, 1, 1] }]);
      const { face } = driver.index(vectors);
      const described = (await face['describeNamespace']!('n1')) as { recordCount: number | string };
      expect(described).toMatchObject({ name: 'n1', recordCount: driver.major >= 9 ? '1' : 1 });
      const options = driver.major >= 7 ? [{ limit: 1 }] : [1];
      const page = (await face['listNamespaces']!(...options)) as { pagination: { next: string } };
      expect(page).toMatchObject({ namespaces: [{ name: 'n1' }], pagination: { next: expect.any(String) } });
      const { next: paginationToken } = page.pagination;
      const rest = driver.major >= 7 ? [{ limit: 1, paginationToken }] : [1, paginationToken];
      expect(await face['listNamespaces']!(...rest)).toMatchObject({ namespaces: [{ name: 'ns 1/u' }] });
      await face['deleteNamespace']!('n1');
      await expect(face['describeNamespace']!('n1')).rejects.toMatchObject({ name: 'PineconeNotFoundError' });
      await expect(face['deleteNamespace']!('n1')).rejects.toMatchObject({ name: 'PineconeNotFoundError' });
    },
  },
  {
    name: 'createNamespace',
    since: 7,
    async run(driver, { vectors }) {
      const { face } = driver.index(vectors);
      expect(await face['createNamespace']!({ name: 'empty' })).toMatchObject({ name: 'empty' });
      expect(await face['describeNamespace']!('empty')).toMatchObject({ name: 'empty' });
      await expect(face['createNamespace']!({ name: 'empty' })).rejects.toMatchObject({ name: 'PineconeConflictError' });
      await face['deleteNamespace']!('empty');
      await expect(face['describeNamespace']!('empty')).rejects.toMatchObject({ name: 'PineconeNotFoundError' });
    },
  },
  {
    name: 'createIndexForModel',
    since: 5,
    async run({ client }, { texts }) {
      const wished = { name: texts, cloud: 'aws', region: 'eu-west-1', waitUntilReady: true };
      const embed = { model: MODEL, fieldMap: { text: 'chunk' } };
      await client['createIndexForModel']!({ ...wished, embed });
      const index = (await client['describeIndex']!(texts)) as { embed: object; dimension: number; metric: string };
      expect([index.dimension, index.metric]).toEqual([384, 'cosine']);
      expect(index.embed).toMatchObject({ model: MODEL, fieldMap: { text: 'chunk' } });
      await expect(
        client['createIndexForModel']!({ ...wished, name: `${texts}-2`, embed: { ...embed, model: 'multilingual-e5-large' } }),
      ).rejects.toMatchObject({ name: 'PineconeNotFoundError' });
    },
  },
  {
    name: 'upsertRecords',
    since: 5,
    async run(driver, { texts }) {
      await driver.index(texts, 'notes').upsertRecords([
        { id: 'n1', chunk: 'The spring flood begins in April.', river: 'Ob' },
        { _id: 'n2', chunk: 'White storks nest on chimneys.', birds: ['stork'] },
        { id: 'n3', chunk: 'A ferry carries forty cars across the river.', cars: 40 },
      ]);
      const records = recordsOf(await driver.index(texts, 'notes').fetch(['n1']));
      expect(records['n1']!.metadata).toEqual({ chunk: 'The spring flood begins in April.', river: 'Ob' });
    },
  },
  {
    name: 'searchRecords',
    since: 5,
    async run(driver, { texts }) {
      const { face } = driver.index(texts, 'notes');
      const query = { topK: 2, inputs: { text: 'where do birds build their nests' } };
      const found = (await face['searchRecords']!({ query })) as { result: { hits: { _id: string; fields: object }[] } };
      expect(found).toMatchObject({
        result: { hits: [{ _id: 'n2', _score: expect.any(Number) }, {}] },
        usage: { readUnits: 1, embedTotalTokens: expect.any(Number) },
      });
      expect(found.result.hits[0]!.fields).toEqual({ chunk: 'White storks nest on chimneys.', birds: ['stork'] });
      const few = (await face['searchRecords']!({ query: { ...query, filter: { cars: { $gt: 1 } } }, fields: ['cars'] })) as {
        result: { hits: object[] };
      };
      expect(few.result.hits).toEqual([{ _id: 'n3', _score: expect.any(Number), fields: { cars: 40 } }]);
      const rerank = { model: 'bge-reranker-v2-m3', rankFields: ['chunk'], topN: 1 };
      await expect(face['searchRecords']!({ query, rerank })).rejects.toMatchObject({
        message: expect.stringContaining('reranking'),
      });
    },
  },
  {
    name: 'inference.embed',
    since: 3,
    async run({ client: { inference }, major }) {
      const inputs = ['White storks nest on chimneys.', 'The spring flood begins in April.'];
      const parameters = { inputType: 'passage', truncate: 'END' };
      const asked = major >= 7 ? [{ model: MODEL, inputs, parameters }] : [MODEL, inputs, parameters];
      const embedded = (await inference['embed']!(...asked)) as { data: { values: number[] }[] };
      expect(embedded).toMatchObject({ model: MODEL, usage: { totalTokens: expect.any(Number) } });
      expect([...embedded.data].map(({ values }) => values.length)).toEqual([384, 384]);
    },
  },
  {
    name: 'inference.listModels, getModel',
    since: 6,
    async run({ client: { inference } }) {
      expect(await inference['listModels']!({ type: 'embed' })).toMatchObject({ models: [{ model: MODEL }] });
      expect(await inference['listModels']!({ type: 'rerank' })).toMatchObject({ models: [] });
      expect(await inference['getModel']!(MODEL)).toMatchObject({ model: MODEL, defaultDimension: 384, type: 'embed' });
    },
  },
  {
    name: 'deleteIndex',
    since: 3,
    async run({ client, major }, { vectors, texts }) {
      await client['deleteIndex']!(vectors);
      if (major >= 5) await client['deleteIndex']!(texts);
      await expect(client['describeIndex']!(vectors)).rejects.toMatchObject({ name: 'PineconeNotFoundError' });
      await expect(client['deleteIndex']!(vectors)).rejects.toMatchObject({ name: 'PineconeNotFoundError' });
    },
  },
];

/** Majors before 7 take the name apart from the change. */
const configure = ({ client, major }: Pick<Driver, 'client' | 'major'>, name: string, change: object) =>
  major >= 7 ? client['configureIndex']!({ name, ...change }) : client['configureIndex']!(name, change);

describe.each(MAJORS)('client %d', (major) => {
  let driver: Driver;
  beforeAll(async () => {
    driver = await open(major);
  });
  const names = { vectors: `vectors-${major}`, texts: `texts-${major}` };
  for (const { name, since, run } of OPERATIONS.filter((operation) => operation.since <= major))
    it(`${name} (since ${since})`, () => run(driver, names));
});
