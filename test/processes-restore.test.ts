// The drill of docs/guides/provider.md with real processes. A backup is restored and tried while the original goes on
// selling. Only the owner can make the copy its successor.
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { openWorkplace, writeFolder, type Running, type Workplace } from './_processes.ts';

let place: Workplace;
let documents: string;
let original: Running;
let gateway: Running;
let url: string;
const copy = () => join(place.folder, 'copy');
const rehearsal = () => join(place.folder, 'rehearsal');
const question = ['query', 'when does the spring flood begin', '--index', 'rivers', '-k', '1'];
const provide = (...args: string[]) => place.start(['provide', '--index', 'rivers', ...args]);
const ask = () => place.run(...question, '--gateway', url);

beforeAll(async () => {
  place = await openWorkplace();
  documents = await writeFolder(join(place.folder, 'documents'), {
    'spring.md': '# Floods\n\nThe spring flood of the delta begins in April.',
  });
  original = place.start(['provide', documents, '--index', 'rivers', '--price', '2', '--publish']);
  gateway = place.start(['gateway', '--port', '0']);
  await original.says(/^serving/m);
  url = (await gateway.says(/^gateway at (\S+)$/m))[1]!;
  const payer = (await gateway.says(/^ {2}wallet (\S+)$/m))[1]!;
  await place.run('credit', 'grant', payer, '100');
  await vi.waitUntil(async () => (await ask()).out.includes('charged 2 credit'), { timeout: 40_000, interval: 1_000 });
  await original.kill('SIGINT');
  expect(await place.run('backup', copy())).toMatchObject({ code: 0 });
  original = provide();
  await original.says(/^serving/m);
}, 180_000);
afterAll(() => place.close());

it('a node is not restored over another, nor from something that is not a backup', async () => {
  expect(await place.run('restore', copy())).toMatchObject({ code: 2, err: expect.stringMatching(/is not empty.*\(USAGE\)/) });
  expect(await place.run('restore', documents, '--data', rehearsal())).toMatchObject({ code: 2 });
});

it('a rehearsal answers its owner, is announced to nobody and cannot be published, while the original goes on selling', async () => {
  expect(await place.run('restore', copy(), '--data', rehearsal())).toMatchObject({ code: 0 });
  const tried = provide('--data', rehearsal());
  await tried.says(/^serving rivers@[0-9a-f]{32}: 1 record, private$/m);
  await tried.says(/restored copy: it is announced and sold to nobody/);
  const address = (await tried.says(/^ {2}at (\S+)$/m))[1]!;

  const own = await place.run(...question, '--owner', '--data', rehearsal(), '--bootstrap', address);
  expect(own.out, own.err).toMatch(/spring\.md[^]*charged 0 credit/);
  const stranger = await place.run(...question, '--bootstrap', address, '--data', join(place.folder, 'stranger'));
  expect(stranger).toMatchObject({ code: 1 });
  expect(await place.run('publish', 'rivers', '--yes', '--data', rehearsal())).toMatchObject({
    code: 1,
    err: expect.stringContaining('(NOT_LIVE)'),
  });
  expect(await place.run('restore', '--go-live', '--yes', '--data', rehearsal())).toMatchObject({
    code: 1,
    err: expect.stringContaining('(STORE_LOCKED)'),
  });

  const paid = await ask();
  expect(paid.out, paid.err).toMatch(/charged 2 credit/);
  expect(await tried.kill('SIGINT')).toMatchObject({ code: 0 });
}, 120_000);

it('made live, it replaces the original: the same index, listed again, and clients continue to pay', async () => {
  await original.kill('SIGINT');
  expect(await place.run('restore', '--go-live', '--yes', '--data', rehearsal())).toMatchObject({ code: 0 });
  const successor = provide('--data', rehearsal());
  await successor.says(/^serving rivers@[0-9a-f]{32}: 1 record, listed$/m);
  const payer = (await gateway.says(/^ {2}wallet (\S+)$/m))[1]!;
  await place.run('credit', 'grant', payer, '50', '--data', rehearsal());
  await vi.waitUntil(async () => (await ask()).out.includes('charged 2 credit'), { timeout: 40_000, interval: 1_000 });

  // The client closes the channel from its side, gets the rest back, and continues to pay in another.
  const { providers } = JSON.parse((await place.run('balance', '--json')).out) as { providers: { channels: string[] }[] };
  const channel = providers.flatMap(({ channels }) => channels).at(-1)!;
  expect(await place.run('credit', 'close', channel, '--role', 'gateway')).toMatchObject({ code: 0 });
  expect(await ask()).toMatchObject({ out: expect.stringContaining('charged 2 credit') });
  await successor.kill('SIGINT');
  expect(await place.run('restore', '--go-live', '--yes', '--data', rehearsal())).toMatchObject({ code: 2 });
}, 120_000);
