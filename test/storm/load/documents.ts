import { call } from '../world/calls.ts';
import type { World } from '../world/world.ts';
import { noteRefusal } from './refusals.ts';
import { pause } from '../world/pause.ts';
import type { Work } from './types.ts';

const DOCUMENTS = '/v1/indexes/papers/documents';
const NAMES = ['d0.md', 'd1.md', 'd2.md'];
/** Texts of several chunks, so that a kill can fall between them. */
const paragraphs = 4;

const textOf = (name: string, version: string): string =>
  Array.from(
    { length: paragraphs },
    (_, at) => `# Part ${at}\n\n${`Edition ${version} of ${name}, part ${at}. `.repeat(12)}\n`,
  ).join('\n');

/** Pause between two documents: their embedding takes the processor that others need to restart. */
const betweenMs = 250;

/** Uploads and deletes documents of the node's index with a model. */
export async function uploadDocuments({ world, memory, random, over }: Work): Promise<void> {
  while (!over()) {
    const name = random.pick(NAMES);
    const version = random.chance(0.75) ? String((memory.version += 1)) : null;
    memory.documents.begin(name, version);
    const reply =
      version === null
        ? await call(world.url('node'), `${DOCUMENTS}/${name}`, { key: memory.keys[0], method: 'DELETE' })
        : await call(world.url('node'), `${DOCUMENTS}?name=${name}`, {
            key: memory.keys[0],
            body: textOf(name, version),
            type: 'text/markdown',
          });
    if (reply.status === 200 || (version === null && reply.status === 404)) {
      memory.tally.writes += 1;
      memory.documents.end(name);
    } else noteRefusal(memory, `document ${name}`, reply, new Set(['DISK_WRITE']));
    await pause(betweenMs);
  }
}

interface Listed {
  documents: { name: string; records: number; whole: boolean }[];
}
interface Stored {
  records: { text: string; source: { document: string } | null }[];
}

/** The documents of the storm with the version of all their chunks. */
export async function readDocuments(world: World, key: string): Promise<Map<string, string>> {
  const url = world.url('node');
  const { documents } = (await call(url, DOCUMENTS, { key })).body as Listed;
  const { ids } = (await call(url, '/v1/indexes/papers/records?limit=1000', { key })).body as { ids: string[] };
  const { records } = (await call(url, '/v1/indexes/papers/records/fetch', { key, body: { ids } })).body as Stored;
  const present = new Map<string, string>();
  for (const name of NAMES) {
    const chunks = records.filter(({ source }) => source?.document === name);
    const listed = documents.find((one) => one.name === name);
    const versions = new Set(chunks.map(({ text }) => /Edition (\d+) of/.exec(text)?.[1] ?? '?'));
    if (listed === undefined && chunks.length === 0) continue;
    const [version = 'none'] = versions;
    const whole = listed?.whole === true && listed.records === chunks.length && versions.size === 1;
    present.set(name, whole ? version : `partial: ${JSON.stringify(listed)}, versions ${[...versions].join()}`);
  }
  return present;
}
