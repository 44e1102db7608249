// Where a node embeds: what it says, and what it refuses.
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openWorkplace, type Workplace } from './_processes.ts';

let place: Workplace;
beforeAll(async () => {
  place = await openWorkplace();
});
afterAll(() => place.close());

it('a GPU that is asked for and not there is an error with a code, and auto says what it chose', async () => {
  const data = join(place.folder, 'node');
  // The shipped weights have 8 bits, with which no GPU computes.
  expect(await place.run('node', '--data', data, '--port', '0', '--device', 'gpu')).toMatchObject({
    code: 1,
    err: expect.stringContaining('DEVICE_UNAVAILABLE'),
  });
  expect(await place.run('node', '--data', data, '--port', '0', '--device', 'tpu')).toMatchObject({ code: 2 });
  const node = place.start(['node', '--data', data, '--port', '0']);
  await node.says(/embedding with BAAI\/bge-small-en-v1\.5 \(q8\) on the CPU: \S/);
  await node.kill('SIGTERM');
}, 120_000);
