import { mkdtempSync, rmSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createSteadyClock } from '@tributary/runtime';
import type { ApiKeyTerms } from '@tributary/schemas';
import { openApiKeys } from '../../src/api-keys/api-keys.ts';
import type { ApiKeys } from '../../src/api-keys/types.ts';

/** Keys of a gateway on a clock that the test moves. */
export interface TestKeys {
  ring: ApiKeys;
  make(terms?: Partial<ApiKeyTerms>): Promise<{ key: string; id: string }>;
  now(): number;
  wait(ms: number): void;
  /** Sets the clock of the machine without time passing. */
  setAhead(ms: number): void;
}

const ANY: ApiKeyTerms = {
  name: 'test',
  permissions: ['read'],
  indexes: ['*'],
  budget: { total: null, perDay: null },
  rate: null,
  writer: null,
  expiresAt: null,
};

/** Opens keys in a folder that is removed at the end, by default of the test. */
export async function openKeys(atEnd: (end: () => Promise<void>) => void = onTestFinished): Promise<TestKeys> {
  const directory = mkdtempSync(join(tmpdir(), 'tributary-keys-'));
  let nowMs = 1_790_000_000_000;
  let upMs = 0;
  const now = () => nowMs;
  const dayNow = createSteadyClock({ now, uptimeMs: () => upMs });
  const ring = await openApiKeys({ directory, now, dayNow, randomBytes });
  atEnd(async () => {
    await ring.close();
    rmSync(directory, { recursive: true });
  });
  return {
    ring,
    async make(terms = {}) {
      const { key, info } = await ring.create({ ...ANY, ...terms });
      return { key, id: info.id };
    },
    now: () => nowMs,
    wait(ms) {
      nowMs += ms;
      upMs += ms;
    },
    setAhead: (ms) => void (nowMs += ms),
  };
}
