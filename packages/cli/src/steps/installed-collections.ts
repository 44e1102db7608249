import { join } from 'node:path';
import { packageFolder } from '../folders.ts';

/** One collection of documents with its own provider. */
export interface Collection {
  index: string;
  title: string;
  /** What the documents are about, in a sentence. */
  description: string;
  licence: string;
  /** Credits per query. */
  price: string;
  paths: string[];
  /** Questions that the documents answer. */
  questions: readonly [string, ...string[]];
}

/** Markdown documentation of packages that are installed anyway. Both are under the MIT licence. */
export function installedCollections(): Collection[] {
  const [fastify, undici] = [packageFolder('fastify'), packageFolder('undici')];
  return [
    {
      index: 'fastify-docs',
      title: 'Fastify: guides and reference of the web framework',
      description: 'Routes, validation, hooks, plugins, logging and testing of a fast web framework for Node.',
      licence: 'MIT',
      price: '2',
      paths: [join(fastify, 'docs'), join(fastify, 'README.md')],
      questions: [
        'how do I validate the body of a request',
        'when do hooks run, and in which order',
        'how do I test a route without a network',
      ],
    },
    {
      index: 'undici-docs',
      title: "Undici: documentation of Node's HTTP client",
      description: 'Clients, pools, proxies, mocking, retries and caching of the HTTP client behind fetch in Node.',
      licence: 'MIT',
      price: '1',
      paths: [join(undici, 'docs'), join(undici, 'README.md')],
      questions: ['how do I mock a request in a test', 'how do I send requests through a proxy', 'how are requests retried'],
    },
  ];
}
