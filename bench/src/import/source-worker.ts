import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serveRemote } from '../processes.ts';
import { idOf, metadataOf, vectorTextOf } from './records.ts';

interface Start {
  readonly records: number;
  readonly dimension: number;
}

/**
 * A server of the part of Pinecone's API that an import reads. It makes records when they are asked for, so that a
 * large source takes neither memory nor processor time from the node that is measured.
 */
await serveRemote<Start, Record<string, never>>(async ({ records, dimension }) => {
  let host = '';
  const answer = (url: URL): string | null => {
    if (url.pathname === '/indexes/moving') return JSON.stringify({ name: 'moving', dimension, metric: 'cosine', host });
    if (url.pathname === '/describe_index_stats')
      return JSON.stringify({ dimension, metric: 'cosine', namespaces: { __default__: { vectorCount: records } } });
    if (url.pathname === '/vectors/list') return listed(Number(url.searchParams.get('paginationToken') ?? 0));
    if (url.pathname === '/vectors/fetch') return fetched(url.searchParams.getAll('ids'));
    return null;
  };
  const listed = (first: number): string => {
    const last = Math.min(records, first + 100);
    const vectors = Array.from({ length: last - first }, (_, at) => ({ id: idOf(first + at) }));
    const pagination = last < records ? { pagination: { next: String(last) } } : {};
    return JSON.stringify({ vectors, ...pagination, namespace: '', usage: { readUnits: 1 } });
  };
  const fetched = (ids: readonly string[]): string => {
    const entries = ids.map((id) => {
      const at = Number(id.slice('record-'.length));
      return `"${id}":{"id":"${id}","values":${vectorTextOf(at, dimension)},"metadata":${JSON.stringify(metadataOf(at))}}`;
    });
    return `{"vectors":{${entries.join(',')}},"namespace":"","usage":{"readUnits":1}}`;
  };
  const server = createServer((request, response) => {
    request.resume();
    const text = answer(new URL(request.url!, 'http://source'));
    response.writeHead(text === null ? 404 : 200, { 'content-type': 'application/json' }).end(text ?? '{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  host = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    ready: { url: host },
    calls: {},
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
});
