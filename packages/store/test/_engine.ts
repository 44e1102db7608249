// An index whose graph is on PostgreSQL, and questions to it.
import { afterAll, beforeAll, beforeEach, expect, vi } from 'vitest';
import { vectorToBase64url } from '@tributary/proof/primitives';
import { readWholeAnswer } from '@tributary/proof';
import { createPgvector } from '../src/remote/pgvector/pgvector.ts';
import type { RemoteEngine } from '../src/remote/types.ts';
import type { IndexService } from '../src/worker/service.ts';
import { requestOf, temporaryFolder, vectorOf } from './_helpers.ts';
import { openPostgres, type Postgres } from './_postgres.ts';
import { put, SETTINGS, write } from './_service.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

export let postgres: Postgres;
beforeAll(async () => void (postgres = await openPostgres()));
afterAll(() => postgres.close());

export const settings = { ...SETTINGS, graphOn: 'pgvector' } as const;
/** More than are compared here in any case. */
export const COUNT = 500;
export const names = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, at) => `r${from + at}`);

export let folder: string;
beforeEach(async () => {
  folder = await temporaryFolder();
  await postgres.query('DROP TABLE IF EXISTS tributary_indexes');
  for (const { tablename } of await postgres.query(`SELECT tablename FROM pg_tables WHERE tablename LIKE 'tributary%'`))
    await postgres.query(`DROP TABLE ${String(tablename)}`);
});

export const engine = (): RemoteEngine => createPgvector(postgres.url, settings);
export const remote = (own = engine(), scanMax = 20) => ({ settings, remote: { engine: own, scanMax } });

export async function fill(service: IndexService, from = 0, to = COUNT): Promise<void> {
  for (let at = from; at < to; at += 100) await write(service, put(...names(at, Math.min(to, at + 100))));
}

export const statusOf = (service: IndexService) => service.status().engine!;
export const caughtUp = (service: IndexService) =>
  vi.waitFor(() => expect(statusOf(service)).toMatchObject({ waiting: 0, state: 'ready' }), { timeout: 60_000, interval: 20 });

export function question(name: string, more = {}) {
  return {
    parsed: requestOf(settings.id, { mode: 'dense', text: null, vector: vectorToBase64url(vectorOf(name)), topK: 10, ...more }),
    options: { client: 'owner', topKMax: 1_000 } as const,
    queryVector: null,
  };
}

/** Ids and scores of an answer, best first. */
export async function ask(service: IndexService, name: string, more = {}): Promise<[string, number][]> {
  const { body, records } = await service.call('answer', question(name, more));
  return readWholeAnswer({ response: body, records }).results.map(({ shown, score }) => [shown.id.value as string, score]);
}

/** The same by comparing everything. */
export function exact(ids: readonly string[], name: string, count = 10): [string, number][] {
  const query = vectorOf(name);
  const dot = (id: string): number => vectorOf(id).reduce((sum, value, at) => sum + query[at]! * value, 0);
  return ids
    .map((id): [string, number] => [id, dot(id)])
    .toSorted((a, b) => b[1] - a[1])
    .slice(0, count);
}

export const tableName = async (): Promise<string> =>
  String((await postgres.query(`SELECT name FROM tributary_indexes`)).map(({ name }) => name)[0]);

export function counting(own: RemoteEngine, applied: number[]): RemoteEngine {
  return {
    ...own,
    apply(changes, place) {
      applied.push(changes.length);
      return own.apply(changes, place);
    },
  };
}
