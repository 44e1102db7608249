import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { engineAddress } from './engine-address.ts';

const SECRET = 'a-secret-of-this-test';
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-engine-'));
});
afterEach(() => rm(folder, { recursive: true }));

it('comes from the option, a file, or the environment', async () => {
  const env = { TRIBUTARY_ENGINE_URL: `postgres://me:${SECRET}@db:5432/own` };
  const file = join(folder, 'engine');
  await writeFile(file, `postgresql://me:${SECRET}@other/own\n`);
  expect(await engineAddress('postgres://me@host/own', env)).toEqual({ engineUrl: 'postgres://me@host/own' });
  expect(await engineAddress(file, env)).toEqual({ engineUrl: `postgresql://me:${SECRET}@other/own` });
  expect(await engineAddress(undefined, env)).toEqual({ engineUrl: `postgres://me:${SECRET}@db:5432/own` });
  expect(await engineAddress(undefined, {})).toEqual({});
});

it.each([
  ['a password on the command line', `postgres://me:${SECRET}@host/own`, {}],
  ['another protocol in the environment', undefined, { TRIBUTARY_ENGINE_URL: `mysql://me:${SECRET}@host/own` }],
  ['no host', undefined, { TRIBUTARY_ENGINE_URL: 'postgres://' }],
  ['a file that is not there', 'nowhere', {}],
])('refuses %s, and no message has the secret', async (_, place, env) => {
  const error = await engineAddress(place, env).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'USAGE' });
  expect(String((error as Error).message)).not.toContain(SECRET);
});
