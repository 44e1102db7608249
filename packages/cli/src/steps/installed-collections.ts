import { join } from 'node:path';
import { packageFolder } from '../folders.ts';

/** One collection of documents with its own provider. */
export interface Collection {
  index: string;
  title: string;
  licence: string;
  /** Credits per query. */
  price: string;
  paths: string[];
  /** A question that the documents answer. */
  question: string;
}

/** Markdown documentation of packages that are installed anyway. Both are under the MIT licence. */
export function installedCollections(): Collection[] {
  const [fastify, undici] = [packageFolder('fastify'), packageFolder('undici')];
  return [
    {
      index: 'fastify-docs',
      title: 'Fastify: guides and reference of the web framework',
      licence: 'MIT',
      price: '2',
      paths: [join(fastify, 'docs'), join(fastify, 'README.md')],
      question: 'how do I validate the body of a request',
    },
    {
      index: 'undici-docs',
      title: "Undici: documentation of Node's HTTP client",
      licence: 'MIT',
      price: '1',
      paths: [join(undici, 'docs'), join(undici, 'README.md')],
      question: 'how do I mock a request in a test',
    },
  ];
}
