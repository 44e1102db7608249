import { checkShape, countQuery, countReply, listQuery, listReply } from '@tributary/schemas';
import type { Index } from '@tributary/store';
import type { Endpoint } from '../../endpoint.ts';
import { OWN_READ } from './codes.ts';
import { NAME_PARAM, nameOf } from './index-name.ts';

type ListOptions = Parameters<Index['list']>[0];
type ListPage = Awaited<ReturnType<Index['list']>>;
type Stats = Awaited<ReturnType<Index['stats']>>;

const { namespace, prefix, limit, after } = listQuery.shape;

export const listEndpoint: Endpoint<{ name: string; options: ListOptions }, ListPage> = {
  id: 'list-records',
  summary: 'Ids of the records of a namespace in byte order, a page at a time.',
  params: NAME_PARAM,
  query: {
    namespace: { schema: namespace, description: 'Namespace; the default one when left out.' },
    prefix: { schema: prefix, description: 'Beginning of the ids.' },
    limit: { schema: limit, description: 'Ids of a page, 1 to 1000 (default).' },
    after: { schema: after, description: '`next` of the page before.' },
  },
  replies: { 200: { description: 'Ids, and what comes next; null at the end.', schema: listReply } },
  errors: [...OWN_READ, 'RECORD_INVALID'],
  parse(request) {
    const { limit: text, ...asked } = checkShape(listQuery, request.query, 'address');
    const options: ListOptions = text === undefined ? {} : { limit: Number(text) };
    if (asked.namespace !== undefined) options.namespace = asked.namespace;
    if (asked.prefix !== undefined) options.prefix = asked.prefix;
    if (asked.after !== undefined) options.after = asked.after;
    return { name: nameOf(request), options };
  },
  shape: ({ ids, next }) => ({ ids, next }),
};

export const countEndpoint: Endpoint<{ name: string; namespace: string | undefined }, Stats> = {
  id: 'count-records',
  summary: 'How many records there are, in all or in one namespace.',
  params: NAME_PARAM,
  query: { namespace: { schema: countQuery.shape.namespace, description: 'Namespace; all of them when left out.' } },
  replies: { 200: { description: 'The count, that of each namespace, and the sequence of the last write.', schema: countReply } },
  errors: OWN_READ,
  parse(request) {
    return { name: nameOf(request), namespace: checkShape(countQuery, request.query, 'address').namespace };
  },
  shape({ records, namespaces, sequence }, asked) {
    const all = Object.entries(namespaces).map(([name, count]) => ({ namespace: name, count }));
    const wanted = asked.namespace === undefined ? all : all.filter(({ namespace: name }) => name === asked.namespace);
    const count = asked.namespace === undefined ? records : (wanted[0]?.count ?? 0);
    return { count, namespaces: wanted, sequence };
  },
};
