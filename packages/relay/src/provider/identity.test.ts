import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readIdentity } from '@tributary/proof/statements';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openKeys, type NodeKeys } from '../keys.ts';
import { openIdentity } from './identity.ts';
import { identityLifetimeMs } from './limits.ts';

const START = 1_790_000_000_000;
let folder = '';
let keys: NodeKeys;
let now = START;
const open = (anew = false) =>
  openIdentity({ path: join(folder, 'identity.json'), keys, peerId: '12D3KooW', now: () => now, anew, readOnly: false });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-identity-'));
  keys = await openKeys(folder, randomBytes);
  now = START;
});
afterEach(() => rm(folder, { recursive: true }));

test('stays the same over restarts in the first half of its life, and is renewed while the node runs', async () => {
  const first = await open();
  const { hash, signed } = first.current();
  expect(readIdentity(signed).hash).toBe(hash);
  now += identityLifetimeMs / 2 - 1;
  expect((await open()).current().hash).toBe(hash);
  await first.renew();
  expect(first.current().hash).toBe(hash);
  now += 1;
  await first.renew();
  const renewed = first.current().identity;
  expect(renewed.sequence).toBeGreaterThan(readIdentity(signed).identity.sequence);
  expect(renewed.expiry).toBe(now + identityLifetimeMs);
});

test('a lost file is replaced: the new sequence is above the one that clients have seen', async () => {
  const { sequence } = (await open()).current().identity;
  now += 1_000;
  await writeFile(join(folder, 'identity.json'), '{');
  expect((await open()).current().identity.sequence).toBeGreaterThan(sequence);
});

test('a clock that was set back does not take the sequence back', async () => {
  const { sequence } = (await open()).current().identity;
  now -= 86_400_000;
  expect((await open()).current().identity.sequence).toBe(sequence + 1);
});

test('a copy that goes live always makes a new one', async () => {
  const { sequence } = (await open()).current().identity;
  now += 5_000;
  expect((await open(true)).current().identity.sequence).toBe(sequence + 5);
});
