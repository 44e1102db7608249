// A few seconds of `npm run fuzz` with a new seed each time. A failure prints the command that repeats it.
import { randomInt } from 'node:crypto';
import { expect, it } from 'vitest';
import { checkTable, GROUPS } from './fuzz/routes/table.ts';
import { fuzz } from './fuzz/run.ts';

const seed = randomInt(2 ** 32);

it.each([
  ['frames', 3_000],
  ['tcp', 300],
  ['bundles', 1_000],
  ['http', 400],
  ['routes', 600],
])(`${seed}: %s: no crash, no hang, bounded memory, honest callers served`, { timeout: 120_000 }, async (kind, count) => {
  const result = await fuzz({ kind, seed, count });
  expect(result).toMatchObject({ kind, inputs: count });
});

it('a route without a sample, and a sample without a route, are found before anything is sent', () => {
  const routes = GROUPS.flatMap(({ table }) => Object.keys(table)).map((route) => {
    const [method = '', url = ''] = route.split(' ');
    return { method, url };
  });
  expect(() => checkTable(routes)).not.toThrow();
  expect(() => checkTable([...routes, { method: 'PUT', url: '/v1/new' }])).toThrow('no samples for PUT /v1/new');
  expect(() => checkTable(routes.slice(1))).toThrow('no route for GET /');
});
