import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { metaKey } from '../src/disk/keys.ts';
import { quantise } from '../src/vectors/quantise.ts';
import { graphPurgeDelayMs } from '../src/limits.ts';
import { temporaryFolder, vectorOf } from './_helpers.ts';
import { TIME, makeService, put, reopen, write } from './_service.ts';

it('takes the vectors of deleted records out of the graph once they are due', async () => {
  const folder = await temporaryFolder();
  let time = TIME;
  const now = () => time;
  const service = await makeService(folder, { now });
  await write(service, put('a', 'b', 'secret'));
  expect(service.state.engine.insertSlice(60_000)).toBe(0);
  await service.call('close', null);
  const vector = vectorOf('secret');
  const numbers = new Int8Array(vector.length);
  quantise(vector, 0, vector.length, numbers, 0);
  const inGraph = async () => (await readFile(join(folder, 'rivers/graph'))).includes(Buffer.from(numbers.buffer));
  expect(await inGraph()).toBe(true);

  const early = await reopen(folder, { now });
  await write(early, [{ kind: 'delete', namespace: '', id: 'secret' }]);
  expect(early.state.database.get(metaKey('forget'))).toBeDefined();
  await early.call('close', null);

  time += graphPurgeDelayMs;
  const late = await reopen(folder, { now });
  await expect.poll(() => late.state.database.get(metaKey('forget')), { timeout: 30_000 }).toBe(undefined);
  expect(await inGraph()).toBe(false);
  await late.call('close', null);
  expect(await inGraph()).toBe(false);
});
