// `tributary start`: a network of real processes that starts as a whole, answers, and ends as a whole.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { isAlive, nodesOf, openWorkplace, writeFolder, type Running, type Workplace } from './_processes.ts';

const script = fileURLToPath(new URL('./_start-small.ts', import.meta.url));
let place: Workplace;
let data: string;
let network: Running;
const start = () => place.start([join(place.folder, 'documents'), data], script);
/** A node has two entries, because its provider and its gateway have their own peer ids. */
const nodes = async () => [...new Set(await nodesOf(join(data, 'rendezvous')))];

beforeAll(async () => {
  place = await openWorkplace();
  data = join(place.folder, 'network');
  const [spring, storks] = ['The spring flood begins in April.', 'White storks nest on chimneys and poles.'];
  await writeFolder(join(place.folder, 'documents', 'rivers'), {
    'spring.md': `# Floods\n\n${spring}`,
    'ferry.md': '# Ferries\n\nIt carries cars.',
  });
  await writeFolder(join(place.folder, 'documents', 'birds'), { 'storks.md': `# Storks\n\n${storks}` });
  network = start();
  await network.says(/^Ctrl-C stops everything/m);
});
afterAll(() => place.close());

it('says step by step what it does, then how to ask, how to check, where the data is and how to remove it', async () => {
  await network.says(/^\[1\/3\] provider 'rivers': About rivers\n2 files, 2 chunks to embed, .+\n2 documents: 2 chunks added/m);
  await network.says(/^\[2\/3\] provider 'birds': About birds\n1 file, 1 chunk to embed, .+\n1 document: 1 chunk added/m);
  await network.says(/^\[3\/3\] node: the gateway, and indexes of your own$/m);
  await network.says(/^Tributary runs\. Page: http:\/\/127\.0\.0\.1:\d+\/$/m);
  await network.says(new RegExp(`^Keys, indexes and ledgers are stored in ${data}$`, 'm'));
  await network.says(new RegExp(`rm -r ${data}$`, 'm'));
});

it('answers the very curl and command line that it prints, paid from the credit that it granted', async () => {
  const [, url = '', body = ''] = await network.says(
    /^ {2}curl -s (\S+)\/v1\/query -H 'content-type: application\/json' -d '(.+)'$/m,
  );
  const reply = await fetch(`${url}/v1/query`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  expect(await reply.json()).toMatchObject({
    results: [{ source: { document: 'spring.md' }, verified: true }],
    usage: { charge: '1' },
  });
  const { indexes } = (await (await fetch(`${url}/v1/indexes`)).json()) as { indexes: { name: string }[] };
  expect(indexes.map(({ name }) => name).toSorted()).toEqual(['birds', 'rivers']);

  const [, line = ''] = await network.says(/^ {2}npm run -s tributary -- (query .+)$/m);
  const words = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!);
  expect(await place.run(...words)).toMatchObject({ code: 3, out: expect.stringContaining('begins in April') });
  expect(await place.run('verify', join(place.folder, 'proof.json'))).toMatchObject({
    code: 2,
    out: expect.stringContaining('CONSISTENT'),
  });
});

it('ends with exit code 0 at Ctrl-C and leaves no process behind', async () => {
  const pids = await nodes();
  expect(pids).toHaveLength(3);
  expect(pids.filter(isAlive)).toEqual(pids);
  expect(await network.kill('SIGINT')).toMatchObject({ code: 0, signal: null, err: expect.stringContaining('stopping…') });
  expect(pids.filter(isAlive)).toEqual([]);
});

it('embeds nothing the second time, and ends with a clear message when one of its processes is killed', async () => {
  network = start();
  await network.says(/^Ctrl-C stops everything/m);
  await network.says(/^2 documents: 0 chunks added, 2 unchanged, 0 removed/m);
  await network.says(/^1 document: 0 chunks added, 1 unchanged, 0 removed/m);
  const pids = await nodes();
  process.kill(pids[0]!, 'SIGKILL');
  const ended = await network.ended;
  expect(ended).toMatchObject({
    code: 1,
    err: expect.stringMatching(/(the node|the provider '\w+') ended by signal SIGKILL;.*start again/),
  });
  expect(pids.filter(isAlive)).toEqual([]);
});

it('ends with a clear message when one of its processes does not come up', async () => {
  const { code, err } = await place.start([join(place.folder, 'nowhere'), join(place.folder, 'other')], script).ended;
  expect({ code, err }).toMatchObject({
    code: 1,
    err: expect.stringMatching(/PATH_NOT_FOUND[^]*the provider 'rivers' ended with code 2; its last lines above show why/),
  });
});
