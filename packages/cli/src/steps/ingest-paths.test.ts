import type { Index, IngestProgress } from '@tributary/store';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ingestPaths } from './ingest-paths.ts';

const report = { documents: 4, chunks: { added: 9, unchanged: 0, removed: 0 }, seconds: 2, aborted: false };
const nothing = { rejected: [], rejectedCount: 0, passedOver: { hidden: 0, ignored: 0 }, flagged: { count: 0, documents: [] } };
const step = (phase: IngestProgress['phase'], done: number, chunks: number): IngestProgress => ({
  phase,
  done,
  total: 4,
  chunks,
  bytes: 0,
  rate: 3,
  secondsLeft: null,
});
/** An index that works for eleven seconds before it tells how far it is. */
const index = {
  plan: async (_paths: string[], _options: object, tell: (progress: IngestProgress) => void) => {
    vi.advanceTimersByTime(11_000);
    tell(step('count', 3, 7));
    return { files: 4, chunks: 9, bytes: 0, tokens: null, seconds: 3, ...nothing };
  },
  ingest: async (_paths: string[], _options: object, tell: (progress: IngestProgress) => void) => {
    vi.advanceTimersByTime(11_000);
    tell(step('write', 1, 3));
    return { ...report, ...nothing };
  },
} as unknown as Index;

let said: string[];
beforeEach(() => {
  said = [];
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(() => vi.useRealTimers());

it('counting shows progress, and so does embedding', async () => {
  const output = { line: () => undefined, json: () => undefined, note: (text: string) => void said.push(text) };
  await ingestPaths(index, ['docs'], {} as never, { price: null }, { ...output, terminal: false, columns: 80 });
  expect(said).toEqual([
    'count: 3 of 4, 7 chunks so far',
    '4 files, 9 chunks to embed, about 3 s',
    'ingest: 3 of 9, 3 chunks/s, 2 s left',
    '4 documents: 9 chunks added, 0 unchanged, 0 removed, in 2 s',
  ]);
});
