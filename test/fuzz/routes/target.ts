// Programs that call every route of a node with keys of every kind: the declared statuses, the shape of the dialect, no
// 5xx, and no key in a log or a reply.
import type { GatewayRoute } from '@tributary/relay/testing';
import type { Random } from '../random.ts';
import type { Received } from '../send.ts';
import type { Target } from '../types.ts';
import { checkReply, checkStray, dialectOf } from './check.ts';
import { drawKind, refusalOf, type KeyKind } from './keys.ts';
import { drawRequest, type Drawn } from './request.ts';
import { checkTable, GROUPS } from './table.ts';
import { PLACES, SPARES, type Sample, type Spare, type Table } from './types.ts';
import { openWorld, type World } from './world.ts';

const VERSIONS = ['2024-07', '2025-01', '2025-10', '2026-04', '2026-07', '2026-01.alpha', 'none'];

export async function openRoutes(): Promise<Target> {
  const world = await openWorld();
  checkTable(world.routes);
  const routeOf = new Map(world.routes.map((route) => [`${route.method} ${route.url}`, route]));
  return {
    async feed(random) {
      const table = drawTable(random);
      const name = drawRoute(random, table);
      const route = routeOf.get(name)!;
      const { sample, spares } = await fill(world, random.pick(table[name]!));
      const kind = drawKind(random);
      const sent = drawRequest(random, route.method, sample, headersOf(random, world, route, kind));
      const reply = await world.send(sent);
      try {
        check(world, route, kind, sent, reply);
      } catch (error) {
        throw new Error(`${name}, ${kind} key: ${describe(sent)} gave ${reply.status} ${reply.text.slice(0, 500)}`, {
          cause: error,
        });
      }
      await tidy(world, sent.method === route.method ? name : '', reply, spares);
    },
    async honest() {
      const vector = { topK: 1, vector: [1, 2] };
      const calls: [string, object, string][] = [
        ['POST /v1/query', { query: 'ferry', index: 'rivers', mode: 'bm25', minRelevance: 0 }, 'twenty minutes'],
        [`POST /i/${world.places.vectors}/query`, vector, '"matches"'],
        [`POST /v1/vector_stores/${world.places.store}/search`, { query: 'storks' }, '"search_query"'],
      ];
      for (const [line, body, found] of calls) {
        const { status, text } = await world.call(line, body);
        if (status !== 200 || !text.includes(found)) throw new Error(`honest ${line}: ${status} ${text.slice(0, 300)}`);
      }
    },
    close: () => world.close(),
  };
}

function drawTable(random: Random): Table {
  let left = random.below(1_000) / 1_000;
  for (const { weight, table } of GROUPS) {
    if (left < weight) return table;
    left -= weight;
  }
  return GROUPS[0]!.table;
}

/** Routes that start a worker or parse a file: half a second each, so they are drawn less often. */
const COSTLY =
  /^(?:POST|DELETE) (?:\/v1)?\/(?:indexes|vector_stores|backups)(?:\/:\w+|\/create-for-model|\/:\w+\/(?:documents|backups|create-index))?$/;

function drawRoute(random: Random, table: Table): string {
  const names = Object.keys(table);
  const first = random.pick(names);
  return COSTLY.test(first) && random.chance(0.9) ? random.pick(names.filter((name) => !COSTLY.test(name))) : first;
}

/** The sample with what it names. */
async function fill(world: World, sample: Sample): Promise<{ sample: Sample; spares: [Spare, string][] }> {
  const spares: [Spare, string][] = [];
  for (const spare of SPARES) if (sample.path.includes(`{${spare}}`)) spares.push([spare, await world.make(spare)]);
  const named: readonly (readonly [string, string])[] = [
    ...PLACES.map((place) => [place, world.places[place]] as const),
    ...spares,
  ];
  const put = (text: string, form: (value: string) => string): string =>
    named.reduce((filled, [name, value]) => filled.replaceAll(`{${name}}`, form(value)), text);
  const body = sample.body === undefined ? {} : { body: JSON.parse(put(JSON.stringify(sample.body), inJson)) as object };
  return { sample: { ...sample, ...body, path: put(sample.path, encodeURIComponent) }, spares };
}

const inJson = (value: string): string => JSON.stringify(value).slice(1, -1);

function headersOf(random: Random, { keys }: World, route: GatewayRoute, kind: KeyKind): Record<string, string> {
  const token = keys.tokenOf(kind, route, random);
  const dialect = dialectOf(route);
  const sent: Record<string, string> = token === null ? {} : keyHeader(random, token);
  if (dialect === 'pinecone') return { ...sent, 'x-pinecone-api-version': random.pick(VERSIONS) };
  return dialect === 'openai' && random.chance(0.9)
    ? { ...sent, 'x-stainless-lang': 'js', 'openai-beta': 'assistants=v2' }
    : sent;
}

const keyHeader = (random: Random, token: string): Record<string, string> =>
  random.chance(0.5) ? { 'api-key': token } : { authorization: `Bearer ${token}` };

/** @throws Error when the reply is none that this caller of this route may get */
function check({ leaks, keys }: World, route: GatewayRoute, kind: KeyKind, sent: Drawn, reply: Received): void {
  if (leaks.length > 0) throw new Error(`a log line has a key: ${leaks[0]!.slice(0, 2_000)}`);
  if (reply.text.includes(keys.good)) throw new Error('the reply has a key');
  if (reply.status === 0) throw new Error('the connection ended');
  if (!sent.onRoute) return checkStray(reply, sent.method);
  checkReply(route, reply);
  const refused = refusalOf(kind, route);
  if (refused !== undefined && reply.status !== refused) throw new Error(`this key is refused with ${refused}`);
  if (refused === undefined && (reply.status === 401 || (reply.status === 403 && kind === 'good' && !mayForbid(reply))))
    throw new Error('this key is good');
}

/** What an owner or a limit forbids, whoever calls. */
const mayForbid = ({ text }: Received): boolean => /somebody else|protect|at most|full|indexes|other origins/i.test(text);

const describe = ({ method, path, headers, body }: Drawn): string => {
  const { authorization: _, 'api-key': __, ...shown } = headers;
  return `${method} ${path.slice(0, 300)} ${JSON.stringify(shown)} ${body?.toString().slice(0, 2_000) ?? ''}`;
};

/** What was made by the request is removed, so that a long run does not fill the node. */
async function tidy(world: World, name: string, { status, text }: Received, spares: [Spare, string][]): Promise<void> {
  for (const [spare, id] of spares) await world.remove(spare, id);
  if (![200, 201, 202].includes(status)) return;
  const made = (member: string): string => (JSON.parse(text) as Record<string, string>)[member]!;
  if (/^POST (?:\/v1)?\/indexes(?:\/create-for-model)?$/.test(name)) await world.remove('spareIndex', made('name'));
  if (name === 'POST /indexes/:name/backups') await world.call(`DELETE /backups/${made('backup_id')}`);
  if (name === 'POST /backups/:id/create-index') await world.remove('spareIndex', made('index_id').split('@')[0]!);
  if (name === 'POST /v1/vector_stores') await world.remove('spareStore', made('id'));
  if (name === 'POST /v1/files') await world.remove('spareFile', made('id'));
}
