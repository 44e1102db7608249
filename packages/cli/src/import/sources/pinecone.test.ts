// What Pinecone's servers send and a node does not: sparse values, a count as text, other members.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Page } from '../types.ts';
import { pineconeSource } from './pinecone.ts';

const ANSWERS: Readonly<Record<string, unknown>> = {
  '/describe_index_stats': {
    namespaces: { __default__: { vectorCount: '2' }, other: { vectorCount: 1 } },
    indexFullness: 0,
    totalVectorCount: 3,
    vectorType: 'sparse',
    metric: 'dotproduct',
  },
  '/vectors/list?limit=100': { vectors: [{ id: 'a' }], pagination: { next: 'bmV4dA==' }, usage: { readUnits: 1 } },
  '/vectors/list?limit=100&paginationToken=bmV4dA%3D%3D': { vectors: [{ id: 'b c' }], namespace: '' },
  '/vectors/list?limit=100&namespace=other': { namespace: 'other' },
  '/vectors/fetch?ids=a&ids=b+c': {
    vectors: {
      a: { id: 'a', values: [], sparseValues: { indices: [4, 2], values: [0.5, 2] }, metadata: { year: 2026 } },
      'b c': { id: 'b c', sparseValues: { indices: [1], values: [1] }, metadata: null },
    },
  },
};
const server = createServer((request, response) => {
  request.resume();
  const answer = ANSWERS[request.url ?? ''];
  response.writeHead(answer === undefined ? 400 : 200).end(JSON.stringify(answer ?? { message: `unexpected ${request.url}` }));
});
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(() => new Promise((resolve) => server.close(resolve)));

const patience = { signal: new AbortController().signal, onPause: () => undefined };
const sourceOf = (namespace?: string) => {
  const host = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return pineconeSource({ host, ...(namespace === undefined ? {} : { namespace }) }, 'key');
};

async function all(pages: AsyncIterable<Page>): Promise<Page[]> {
  const found: Page[] = [];
  for await (const page of pages) found.push(page);
  return found;
}

it('reads sparse vectors, all namespaces, and ids of several lists in one page', async () => {
  const source = sourceOf();
  const facts = await source.describe(patience);
  expect(facts).toMatchObject({ dimension: null, metric: 'dotproduct', total: 3, namespaces: ['', 'other'] });
  const pages = await all(source.pages(null, facts, patience));
  expect(pages.map(({ namespace, cursor }) => [namespace, cursor])).toEqual([
    ['', '{"namespace":"other","after":null}'],
    ['other', '{"end":true}'],
  ]);
  expect(pages[0]!.records).toEqual([
    { id: 'a', vector: null, sparse: { indices: [4, 2], values: [0.5, 2] }, text: null, metadata: { year: 2026 } },
    { id: 'b c', vector: null, sparse: { indices: [1], values: [1] }, text: null, metadata: {} },
  ]);
  expect(await all(source.pages('{"end":true}', facts, patience))).toEqual([]);
  expect(await all(source.pages('{"namespace":"other","after":null}', facts, patience))).toHaveLength(1);
});
it('counts one namespace, also the default one by its name', async () => {
  const source = sourceOf('__default__');
  expect(await source.describe(patience)).toMatchObject({ total: 2, namespaces: [''] });
});
