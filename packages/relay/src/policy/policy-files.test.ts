import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DataFolder } from '@tributary/runtime';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openProviderFolder } from '../keys.ts';
import { defaultPolicy, parsePolicy } from './policy.ts';
import { openPolicies } from './policy-files.ts';

let folder: string;
let parts: DataFolder;
const open = () => openPolicies(join(folder, 'policies'), parts.below('policies'));
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-policies-'));
  parts = (await openProviderFolder(folder, randomBytes)).parts;
});
afterEach(async () => {
  await parts.close();
  await rm(folder, { recursive: true });
});

it('keeps the policy of each index over a restart', async () => {
  const policy = parsePolicy(
    '{"price":{"base":"5","perKiB":2},"allow":["peer"],"sell":[{"glob":"a/**","sell":"never"}],"credit":7}',
    'p',
  );
  await (await open()).set('maps', policy);
  const again = await open();
  expect(again.of('maps')).toEqual(policy);
  expect(again.of('other')).toEqual(defaultPolicy());
});

it('refuses to start with a damaged policy, because the index would be free then', async () => {
  await (await open()).set('maps', parsePolicy('{"price":{"base":"95"}}', 'p'));
  const path = join(folder, 'policies/maps.json');
  await writeFile(path, (await readFile(path, 'utf8')).replace('"95"', '"25"'));
  await expect(open()).rejects.toMatchObject({ code: 'FILE_DAMAGED' });
  await rm(path);
  await parts.close();
  await expect(openProviderFolder(folder, randomBytes)).rejects.toMatchObject({ code: 'DATA_FOLDER' });
  await rm(folder, { recursive: true });
  ({ parts } = await openProviderFolder(folder, randomBytes));
});

it('forgets the policy of a removed index', async () => {
  const policies = await open();
  await policies.set('maps', parsePolicy('{"price":{"base":"95"}}', 'p'));
  await policies.remove('maps');
  expect((await open()).of('maps')).toEqual(defaultPolicy());
});
