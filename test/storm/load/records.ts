import { vectorFromBase64url } from '@tributary/proof/primitives';
import { call } from '../world/calls.ts';
import type { World } from '../world/world.ts';
import { noteRefusal } from './refusals.ts';
import type { Work } from './types.ts';

const RECORDS = '/v1/indexes/notes/records';
const idsEach = 16;
const batchMax = 5;

/** A record of a version. Metadata may be of a later one. */
const recordOf = (id: string, version: string) => ({
  id,
  vector: [Number(version), 1, 0.5, 3],
  text: `version ${version} of ${id}`,
  metadata: { version },
});

/** Upserts, changes and deletes records of its own; reads back what was acknowledged. */
export async function writeRecords(work: Work, worker: number): Promise<void> {
  const ids = Array.from({ length: idsEach }, (_, at) => `w${worker}-${at}`);
  while (!work.over()) {
    const chosen = [...new Set(Array.from({ length: 1 + work.random.below(batchMax) }, () => work.random.pick(ids)))];
    const turn = work.random.below(10);
    if (turn < 6) await upsert(work, chosen);
    else if (turn < 8) await change(work, chosen[0]!);
    else await remove(work, chosen);
  }
}

const next = ({ memory }: Work): string => String((memory.version += 1));

async function upsert(work: Work, ids: string[]): Promise<void> {
  const version = next(work);
  await send(work, ids, `${version}/${version}`, RECORDS, { records: ids.map((id) => recordOf(id, version)) });
}

async function change(work: Work, id: string): Promise<void> {
  const [value, ...open] = work.memory.records.allowed(id);
  if (value === null || value === undefined || open.length > 0) return;
  const version = next(work);
  await send(work, [id], `${value.split('/')[0]}/${version}`, RECORDS, { id, setMetadata: { version } }, 'PATCH');
}

const remove = (work: Work, ids: string[]) => send(work, ids, null, `${RECORDS}/delete`, { ids });

async function send(
  { world, memory }: Work,
  ids: string[],
  value: string | null,
  path: string,
  body: object,
  method = 'POST',
): Promise<void> {
  for (const id of ids) memory.records.begin(id, value);
  const reply = await call(world.url('node'), path, { key: memory.keys[0], method, body });
  if (reply.status !== 200) return noteRefusal(memory, `${method} ${path}`, reply, new Set(['DISK_WRITE']));
  memory.tally.writes += 1;
  for (const id of ids) memory.records.end(id);
}

interface Stored {
  id: string;
  text: string;
  vector: string;
  metadata: { version?: string };
}

/** All records of the storm that the node has, as values of the book. A record that is not of one version is `torn`. */
export async function readRecords(world: World, key: string): Promise<Map<string, string>> {
  const present = new Map<string, string>();
  const ids: string[] = [];
  for (let after: string | null = ''; after !== null;) {
    const page = await call(world.url('node'), `${RECORDS}?prefix=w${after === '' ? '' : `&after=${after}`}`, { key });
    if (page.status !== 200) throw new Error(`records cannot be listed: ${JSON.stringify(page)}`);
    const { ids: more, next: then } = page.body as { ids: string[]; next: string | null };
    ids.push(...more);
    after = then;
  }
  if (ids.length === 0) return present;
  const fetched = await call(world.url('node'), `${RECORDS}/fetch`, { key, body: { ids, vectors: true } });
  if (fetched.status !== 200) throw new Error(`records cannot be fetched: ${JSON.stringify(fetched)}`);
  for (const record of (fetched.body as { records: Stored[] }).records) present.set(record.id, valueOf(record));
  for (const id of ids) if (!present.has(id)) present.set(id, 'listed, but cannot be fetched');
  return present;
}

function valueOf({ id, text, vector, metadata }: Stored): string {
  const [, version = ''] = /^version (\d+) of /.exec(text) ?? [];
  const same =
    text === recordOf(id, version).text && [...vectorFromBase64url(vector)].join() === recordOf(id, version).vector.join();
  return same ? `${version}/${metadata.version}` : `torn: ${JSON.stringify({ text, vector, metadata })}`;
}
