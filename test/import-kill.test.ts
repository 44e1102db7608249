// `tributary import` with kill -9 in its middle: the next run goes on, and no record is lost or doubled.
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openHttpClient, type OwnIndexClient } from '@tributary/client';
import { vectorFromBase64url } from '@tributary/proof/primitives';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { openWorkplace, type Workplace } from './_processes.ts';

const DIMENSION = 16;

let place: Workplace;
let url: string;
beforeAll(async () => {
  place = await openWorkplace();
  const node = place.start(['node', '--port', '0']);
  url = (await node.says(/^node at (\S+)$/m))[1]!;
});
afterAll(() => place.close());

const index = (name: string): OwnIndexClient => openHttpClient({ gateway: url }).index(name);
/** A vector that differs in every component and id. */
const vectorOf = (at: number) => Array.from({ length: DIMENSION }, (_, column) => Math.sin(at * DIMENSION + column + 1));
const lineOf = (at: number) => JSON.stringify({ id: `r${at}`, values: vectorOf(at), metadata: { at, even: at % 2 === 0 } });
const numbers = (count: number) => Array.from({ length: count }, (_, at) => at);
const checkpoints = () => readdir(join(place.folder, 'home', 'import')).catch(() => []);

it('goes on after a kill -9, and no record is lost or doubled', async () => {
  const file = join(place.folder, 'killed.jsonl');
  await writeFile(file, numbers(6_000).map(lineOf).join('\n'));
  const args = ['import', 'jsonl', file, '--to', 'killed', '--gateway', url];
  const first = place.start([...args, '--rate', '800']);
  const checkpoint = await vi.waitFor(
    async () => {
      const [name] = (await checkpoints()).filter((one) => one.endsWith('.json'));
      expect(name).toBeDefined();
      return join(place.folder, 'home', 'import', name!);
    },
    { timeout: 60_000, interval: 50 },
  );
  expect((await stat(checkpoint)).mode & 0o777).toBe(0o600);
  await first.kill('SIGKILL');
  const saved = JSON.parse(await readFile(checkpoint, 'utf8'));
  expect(saved.read).toBeGreaterThan(0);
  expect(saved.read).toBeLessThan(6_000);
  const { code, out, err } = await place.run(...args, '--json');
  expect(err).toContain(`after the ${saved.read} records of an earlier run`);
  expect(JSON.parse(out)).toMatchObject({ read: 6_000, written: 6_000, before: 0, now: 6_000, differences: [] });
  expect(code).toBe(0);
  const there = await index('killed').fetch(
    numbers(1_000).map((at) => `r${at * 6}`),
    { vectors: true },
  );
  expect(there.map(({ vector }) => [...vectorFromBase64url(vector!)])).toEqual(
    numbers(1_000).map((at) => [...Float32Array.from(vectorOf(at * 6))]),
  );
});
