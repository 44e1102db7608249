// What every major version of the client does with vectors. Each step uses the result of the previous one.
import { expect } from 'vitest';
import { recordsOf, type Driver, type Operation } from './_pinecone.ts';

const defaultNamespace = ({ major }: Driver) => (major <= 5 ? '' : '__default__');
const ids = (reply: unknown) => (reply as { matches: { id: string }[] }).matches.map(({ id }) => id);

export const VECTORS: readonly Operation[] = [
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
];
