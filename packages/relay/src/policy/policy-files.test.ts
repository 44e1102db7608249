import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { defaultPolicy, parsePolicy } from './policy.ts';
import { openPolicies } from './policy-files.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-policies-'));
});
afterEach(() => rm(folder, { recursive: true }));

it('keeps the policy of each index over a restart', async () => {
  const policy = parsePolicy(
    '{"price":{"base":"5","perKiB":2},"allow":["peer"],"sell":[{"glob":"a/**","sell":"never"}],"credit":7}',
    'p',
  );
  await (await openPolicies(folder)).set('maps', policy);
  const again = await openPolicies(folder);
  expect(again.of('maps')).toEqual(policy);
  expect(again.of('other')).toEqual(defaultPolicy());
});

it('refuses to start with a damaged policy, because the index would be free then', async () => {
  await writeFile(join(folder, 'maps.json'), '{"price":');
  await expect(openPolicies(folder)).rejects.toMatchObject({ code: 'POLICY_FILE' });
});
