// Every route of a node whose disk is full, and of one whose file system is read-only: a declared refusal in the shape
// of its API, and no place of this machine in any reply.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GatewayRoute } from '@tributary/relay/testing';
import { checkReply, dialectOf } from './fuzz/routes/check.ts';
import { bodyOf } from './fuzz/routes/request.ts';
import { GROUPS } from './fuzz/routes/table.ts';
import { PLACES, SPARES, type Sample } from './fuzz/routes/types.ts';
import { openWorld, type World } from './fuzz/routes/world.ts';
import type { Received, Sender } from './fuzz/send.ts';
import { mountSmallDisk } from './storm/disk/small-disk.ts';

const disk = mountSmallDisk(192 << 20);
if (disk === null) console.warn('refusals of a disk are not tested: nothing may be mounted here');

describe.runIf(disk !== null)('a node on a disk of its own', () => {
  let world: World;
  let named: [string, string][];
  beforeAll(async () => {
    // A name that could end a path too early.
    world = await openWorld(`${disk!.folder}/my: node's data`);
    named = PLACES.map((place) => [place, world.places[place]]);
    for (const spare of SPARES) named.push([spare, await world.make(spare)]);
  }, 180_000);
  afterAll(async () => {
    await world?.close();
    disk?.close();
  });

  const put = (text: string, form: (value: string) => string): string =>
    named.reduce((filled, [name, value]) => filled.replaceAll(`{${name}}`, form(value)), text);

  function requestOf({ method, url }: GatewayRoute, sample: Sample, dialect: string) {
    const inJson = (value: string) => JSON.stringify(value).slice(1, -1);
    const body = sample.body && (JSON.parse(put(JSON.stringify(sample.body), inJson)) as object);
    const sent = bodyOf({ ...sample, ...(body && { body }) });
    const type = sent?.type === undefined ? {} : { 'content-type': sent.type };
    const version = dialect === 'pinecone' ? { 'x-pinecone-api-version': '2025-10' } : {};
    const headers = { ...sample.headers, 'api-key': world.keys.good, ...type, ...version };
    return { method, path: put(sample.path, encodeURIComponent), headers, body: sent?.bytes, url };
  }

  /** Sends each sample of each route, those that delete last. */
  async function sendAll(send: Sender['send'], look: (route: GatewayRoute, reply: Received) => void): Promise<void> {
    const tables = GROUPS.flatMap(({ table }) => Object.entries(table));
    for (const [name, samples] of tables.toSorted(([a], [b]) => Number(/DELETE/.test(a)) - Number(/DELETE/.test(b)))) {
      const route = world.routes.find(({ method, url }) => `${method} ${url}` === name)!;
      for (const sample of samples) {
        const reply = await send(requestOf(route, sample, dialectOf(route)));
        const told = `${name}: ${reply.status} ${reply.text.slice(0, 400)}`;
        expect(() => checkReply(route, reply), told).not.toThrow();
        for (const place of ['my: node', 'tributary-storm-disk', 'tributary-network', '/tmp/', process.cwd()])
          expect(reply.text.includes(place), told).toBe(false);
        look(route, reply);
      }
    }
  }

  it('tells no places when the disk is full', async () => {
    await disk!.fill(0);
    const refused = new Set<string>();
    await sendAll(world.send, ({ id }, { status, text }) => {
      if (status >= 400 && /DISK_WRITE|WALLET_WRITE|the disk/.test(text)) refused.add(id);
    });
    await disk!.free();
    console.log(`refused on a full disk: ${[...refused].join(', ')}`);
    expect(refused.size).toBeGreaterThan(8);
  }, 180_000);

  it('refuses what writes with one code when the file system is read-only, and answers what reads', async () => {
    const send = await world.restart(() => disk!.remount('ro'));
    const writes: string[] = [];
    await sendAll(send, ({ access, id, method }, { status, text }) => {
      const isWrite = access !== 'public' && access.permission !== 'read' && method !== 'GET';
      if (isWrite && !/READ_ONLY|only reads now/.test(text)) writes.push(`${id}: ${status} ${text.slice(0, 200)}`);
    });
    expect(writes).toEqual([]);
    const read = await send({
      method: 'POST',
      path: '/v1/indexes/vectors/records/fetch',
      headers: { 'api-key': world.keys.good, 'content-type': 'application/json' },
      body: JSON.stringify({ ids: ['a'] }),
    });
    expect(read.status).toBe(200);
  }, 180_000);
});
