// Where a node embeds: what it says, and what it refuses.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest';
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

it('embeds at an endpoint, here another node, and says before what is sent and what it costs', async () => {
  const endpoint = place.start(['node', '--data', join(place.folder, 'endpoint'), '--port', '0']);
  const url = (await endpoint.says(/node at (http:\S+)/))[1]!;
  vi.stubEnv('OPENAI_BASE_URL', `${url}/v1`);
  vi.stubEnv('TRIBUTARY_EMBEDDING_PRICE', '0.02');
  const other = await openWorkplace();
  onTestFinished(async () => {
    vi.unstubAllEnvs();
    await other.close();
  });
  const file = join(other.folder, 'storks.md');
  await writeFile(file, '# Storks\n\nWhite storks nest on chimneys.');
  const provider = other.start(['provide', file, '--index', 'birds', '--model', 'openai:BAAI/bge-small-en-v1.5']);
  await provider.says(/on an endpoint: texts are sent to http:\/\/127\.0\.0\.1:\d+\/v1/);
  await provider.says(/at most about \d+ tokens are sent to the embedding endpoint; that costs about \$\S+ at \$0\.02/);
  await provider.says(/serving birds@\w+: 1 record/);
  await provider.kill('SIGTERM');
  const wrong = await other.run('provide', file, '--index', 'fish', '--model', 'openai:nonsense');
  expect(wrong).toMatchObject({ code: 1, err: expect.stringContaining('EMBED_FAILED') });
  await endpoint.kill('SIGTERM');
}, 180_000);
