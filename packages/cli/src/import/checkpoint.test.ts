import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { checkpointName, readCheckpoint, removeCheckpoint, saveCheckpoint, type Checkpoint, type Job } from './checkpoint.ts';

const job: Job = {
  source: { kind: 'jsonl', file: '/data/notes.jsonl' },
  gateway: 'http://127.0.0.1:8787',
  index: 'notes',
  namespace: null,
  embed: false,
  vectors: 'dense',
  textField: null,
};
const checkpoint: Checkpoint = {
  v: 1,
  type: 'tributary/import',
  job,
  version: '12 3.5',
  to: { id: `notes@${'0'.repeat(32)}`, created: '2026-11-29T00:00:00.000Z' },
  cursor: '{"at":12,"line":1}',
  sequence: 3,
  before: 0,
  read: 1,
  written: 1,
  changed: 0,
  refused: { count: 0, named: [] },
  sample: [{ namespace: '', id: 'a', digest: 'AAAA' }],
};
let folder: string;
let path: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-checkpoint-'));
  path = join(folder, 'import', checkpointName(job));
});
afterAll(() => rm(folder, { recursive: true }));

it('is read back as it was saved, by its owner only, until it is removed', async () => {
  expect(await readCheckpoint(path, job)).toBeNull();
  await saveCheckpoint(path, checkpoint);
  expect(await readCheckpoint(path, job)).toEqual(checkpoint);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect((await stat(join(path, '..'))).mode & 0o777).toBe(0o700);
  await removeCheckpoint(path);
  expect(await readCheckpoint(path, job)).toBeNull();
});
it('has a file of its own for each import', () => {
  expect(checkpointName({ ...job, textField: 'text' })).not.toBe(checkpointName(job));
});
it.each<[string, string]>([
  ['another import', JSON.stringify({ ...checkpoint, job: { ...job, embed: true } })],
  ['another form', JSON.stringify({ ...checkpoint, more: 1 })],
  ['another version of the format', JSON.stringify({ ...checkpoint, v: 2 })],
  ['another spelling', JSON.stringify(checkpoint, null, 1)],
  ['a torn file', JSON.stringify(checkpoint).slice(0, -5)],
  ['bytes that are no text', '\xff'],
])('is refused when it is of %s', async (_, text) => {
  await writeFile(path, text, 'latin1');
  await expect(readCheckpoint(path, job)).rejects.toMatchObject({ code: 'IMPORT_CHECKPOINT' });
});
