import { randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ApiKeyTerms } from '@tributary/schemas';
import { openApiKeys } from './api-keys.ts';
import type { ApiKeys } from './types.ts';

const START = 1_790_000_000_000;
const TERMS: ApiKeyTerms = {
  name: 'notebook',
  permissions: ['read'],
  indexes: ['*'],
  budget: { total: null, perDay: null },
  rate: null,
  writer: null,
  expiresAt: null,
};

let folder: string;
let nowMs: number;
let keys: ApiKeys;
const open = () => openApiKeys({ directory: join(folder, 'api-keys'), now: () => nowMs, randomBytes });
const path = () => join(folder, 'api-keys', 'keys');
const codeOf = (work: () => unknown): unknown => {
  try {
    return void work();
  } catch (error) {
    return (error as { code?: string }).code;
  }
};
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-keys-'));
  nowMs = START;
  keys = await open();
});
afterEach(async () => {
  await keys.close();
  await rm(folder, { recursive: true });
});
async function reopen(): Promise<void> {
  await keys.close();
  keys = await open();
}

describe('keys', () => {
  it('are not needed until the first one exists, and by everybody from then on', async () => {
    expect(keys.needed()).toBe(false);
    expect(keys.authenticate('whatever').key).toBeNull();
    const { key, info } = await keys.create(TERMS);
    expect(keys.needed()).toBe(true);
    expect(keys.authenticate(key).key).toBe(info.id);
    expect(codeOf(() => keys.authenticate(null))).toBe('API_KEY_NEEDED');
    await keys.revoke(info.id);
    await reopen();
    expect(keys.needed()).toBe(true);
    expect(codeOf(() => keys.authenticate(null))).toBe('API_KEY_NEEDED');
  });

  it('are stored as hashes, in a file that only their owner can read', async () => {
    const { key, info } = await keys.create(TERMS);
    const file = await readFile(path(), 'utf8');
    expect(file).toContain(info.id);
    expect(file).not.toContain(key.split('_')[2]);
    expect(JSON.stringify(keys.list())).not.toContain(key.split('_')[2]);
    expect((await stat(path())).mode & 0o777).toBe(0o600);
  });

  it('are the same after a restart', async () => {
    const made = [await keys.create(TERMS), await keys.create({ ...TERMS, name: 'second', expiresAt: START + 1_000 })];
    const before = keys.list();
    await reopen();
    expect(keys.list()).toEqual(before);
    for (const { key, info } of made) expect(keys.authenticate(key).key).toBe(info.id);
  });

  it('are created concurrently without losing one', async () => {
    const made = await Promise.all(Array.from({ length: 8 }, (_, at) => keys.create({ ...TERMS, name: `key ${at}` })));
    await reopen();
    for (const { key, info } of made) expect(keys.authenticate(key).key).toBe(info.id);
  });

  it('are refused when mistyped, unknown, of another secret, expired, revoked or replaced', async () => {
    const { key, info } = await keys.create({ ...TERMS, expiresAt: START + 1_000 });
    const other = await openApiKeys({ directory: join(folder, 'other'), now: () => nowMs, randomBytes });
    const { key: foreign } = await other.create(TERMS);
    await other.close();
    for (const wrong of ['', 'sk-123', key.slice(0, -1), key.toUpperCase(), foreign])
      expect(
        codeOf(() => keys.authenticate(wrong)),
        wrong,
      ).toBe('API_KEY_INVALID');
    const { key: second, info: same } = await keys.rotate(info.id);
    expect(same).toEqual(info);
    expect(codeOf(() => keys.authenticate(key))).toBe('API_KEY_INVALID');
    expect(keys.authenticate(second).key).toBe(info.id);
    nowMs = START + 999;
    expect(keys.authenticate(second).key).toBe(info.id);
    nowMs = START + 1_000;
    expect(codeOf(() => keys.authenticate(second))).toBe('API_KEY_INVALID');
    nowMs = START;
    expect(await keys.revoke(info.id)).toMatchObject({ state: 'revoked', revokedAt: START });
    expect(codeOf(() => keys.authenticate(second))).toBe('API_KEY_INVALID');
    await expect(keys.rotate(info.id)).rejects.toMatchObject({ code: 'API_KEY_UNKNOWN' });
    await expect(keys.revoke('a'.repeat(16))).rejects.toMatchObject({ code: 'API_KEY_UNKNOWN' });
  });

  it('are revoked at once even if the disk fails', async () => {
    const { key, info } = await keys.create(TERMS);
    // A folder in place of the draft makes every replacement fail.
    await mkdir(`${path()}.new/x`, { recursive: true });
    await expect(keys.revoke(info.id)).rejects.toThrow();
    expect(codeOf(() => keys.authenticate(key))).toBe('API_KEY_INVALID');
  });

  it('are limited in calls by a bucket that refills', async () => {
    const { key } = await keys.create({ ...TERMS, rate: { perMinute: 60, burst: 2 } });
    keys.authenticate(key);
    keys.authenticate(key);
    expect(() => keys.authenticate(key)).toThrow(expect.objectContaining({ code: 'RATE_LIMITED', retryAfterMs: 1_000 }));
    nowMs += 1_000;
    keys.authenticate(key);
    expect(codeOf(() => keys.authenticate(key))).toBe('RATE_LIMITED');
  });

  it('allow the permissions and indexes that they name', async () => {
    const { key } = await keys.create({
      ...TERMS,
      permissions: ['read', 'write'],
      indexes: ['rivers', `lakes@${'1f'.repeat(16)}`],
    });
    const caller = keys.authenticate(key);
    expect(codeOf(() => caller.require('write', `rivers@${'22'.repeat(16)}`))).toBeUndefined();
    expect(codeOf(() => caller.require('admin', 'rivers'))).toBe('API_KEY_SCOPE');
    expect(codeOf(() => caller.require('read', 'lakes'))).toBe('API_KEY_SCOPE');
    expect(codeOf(() => caller.requireNamed('read', 'lakes'))).toBeUndefined();
    expect(codeOf(() => caller.requireNamed('read', 'seas'))).toBe('API_KEY_SCOPE');
    expect([caller.covers(`lakes@${'1f'.repeat(16)}`), caller.covers('seas')]).toEqual([true, false]);
  });
});

describe('the folder', () => {
  it('belongs to one process', async () => {
    await expect(open()).rejects.toMatchObject({ code: 'STORE_LOCKED' });
  });

  it('does not open when its file is damaged, missing or readable by others', async () => {
    await keys.create(TERMS);
    await keys.close();
    const file = await readFile(path(), 'utf8');
    await writeFile(path(), file.replace('"read"', '"admin"'));
    await expect(open()).rejects.toMatchObject({ code: 'API_KEYS_DAMAGED' });
    await rm(path());
    await expect(open()).rejects.toMatchObject({ code: 'API_KEYS_DAMAGED' });
    await writeFile(path(), file, { mode: 0o600 });
    await chmod(path(), 0o644);
    await expect(open()).rejects.toMatchObject({ code: 'KEY_FILE' });
    await chmod(path(), 0o600);
    await rm(join(folder, 'api-keys', 'spent'), { recursive: true });
    await expect(open()).rejects.toMatchObject({ code: 'API_KEYS_DAMAGED' });
    await rm(join(folder, 'api-keys'), { recursive: true });
    keys = await open();
    expect(keys.needed()).toBe(false);
  });

  it('does not open with an older copy of its file, in which a revoked key still holds', async () => {
    const { info } = await keys.create(TERMS);
    const older = await readFile(path(), 'utf8');
    await keys.revoke(info.id);
    const newest = await readFile(path(), 'utf8');
    await keys.close();
    await writeFile(path(), older);
    await expect(open()).rejects.toMatchObject({ code: 'API_KEYS_DAMAGED', message: expect.stringContaining('older copy') });
    await writeFile(path(), newest);
    keys = await open();
    expect(keys.list()).toMatchObject([{ state: 'revoked' }]);
  });

  it('opens after a change that ended before or after the file was replaced', async () => {
    await keys.create(TERMS);
    await mkdir(`${path()}.new/x`, { recursive: true }); // the file cannot be replaced
    await expect(keys.create(TERMS)).rejects.toThrow();
    await keys.close();
    await rm(`${path()}.new`, { recursive: true });
    keys = await open();
    expect(keys.list()).toHaveLength(1);
    await keys.create(TERMS);
    await keys.close();
    keys = await open();
    expect(keys.list()).toHaveLength(2);
  });

  it('keeps what a key spent, over a restart and a rotation', async () => {
    const { key, info } = await keys.create({ ...TERMS, budget: { total: '100', perDay: '60' } });
    const first = await keys.authenticate(key).reserve(50n);
    first.settle(20n);
    await keys.authenticate(key).reserve(40n);
    await expect(keys.authenticate(key).reserve(1n)).rejects.toMatchObject({ code: 'API_KEY_BUDGET' });
    await reopen();
    const { key: second } = await keys.rotate(info.id);
    expect(keys.list()[0]!.spent).toEqual({ total: '60', today: '60' });
    await expect(keys.authenticate(second).reserve(1n)).rejects.toMatchObject({
      code: 'API_KEY_BUDGET',
      message: expect.stringContaining('0 more today'),
    });
    nowMs += 86_400_000;
    (await keys.authenticate(second).reserve(40n)).settle(40n);
    await expect(keys.authenticate(second).reserve(1n)).rejects.toMatchObject({ message: expect.stringContaining('in total') });
  });
});
