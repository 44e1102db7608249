// Ctrl-C in every phase of `tributary provide`: the process ends by itself with code 130 and one line, and keeps what
// was embedded.
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openWorkplace, type Running, type Workplace } from './_processes.ts';

const WORDS = 'the river rises in the hills and runs through meadows to the sea past mills and weirs'.split(' ');
const sentence = (seed: number): string =>
  `${Array.from({ length: 18 }, (_, at) => WORDS[(seed * 31 + at * at * 7 + at) % WORDS.length]).join(' ')} ${seed}.`;

let place: Workplace;
let documents: string;
let long: string;
beforeAll(async () => {
  place = await openWorkplace();
  documents = join(place.folder, 'documents');
  await mkdir(documents);
  // One short passage each: counting is fast, embedding takes long.
  const rows = Array.from({ length: 4_000 }, (_, at) => JSON.stringify({ _id: String(at), text: sentence(at) }));
  await writeFile(join(documents, 'rows.jsonl'), rows.join('\n'));
  // Takes seconds to parse and to split.
  long = join(place.folder, 'long');
  await mkdir(long);
  await writeFile(join(long, 'long.md'), Array.from({ length: 60_000 }, (_, at) => sentence(at)).join('\n\n'));
});
afterAll(() => place.close());

const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Resolves when a file or folder exists. That shows how far a process is, however slow the machine. */
async function appears(path: string): Promise<void> {
  while (!existsSync(path)) await later(10);
}

/** Sends SIGINT and checks that the process ends by itself, with code 130 and one line. */
async function stopped(running: Running): Promise<string> {
  const { code, signal, err } = await running.kill('SIGINT');
  expect({ code, signal, err }).toMatchObject({ code: 130, signal: null });
  expect(err).not.toMatch(/terminate called|Napi::|Error:|\n {4}at /u);
  expect(err.match(/^tributary: stopped$/gmu)).toHaveLength(1);
  return err;
}

describe('Ctrl-C', () => {
  it.each([0, 60, 150, 400, 800])('while the model is loaded and the store opened (%i ms after the keys)', async (ms) => {
    const data = join(place.folder, `start${ms}`);
    const running = place.start(['provide', documents, '--index', 'notes', '--data', data]);
    await appears(join(data, 'keys/receipt.key'));
    await later(ms);
    await stopped(running);
  });

  it.each([0, 300, 1_200, 2_500])('while files are found, parsed, split and counted (%i ms after the index)', async (ms) => {
    const data = join(place.folder, `count${ms}`);
    const running = place.start(['provide', long, '--index', 'long', '--data', data]);
    await appears(join(data, 'store/indexes/long'));
    await later(ms);
    await stopped(running);
  });

  it('while texts are embedded, 4 times; each time continues where the last one stopped', async () => {
    const data = join(place.folder, 'notes');
    let kept = 0;
    for (const ms of [20, 1_000, 2_000, 4_000]) {
      const running = place.start(['provide', documents, '--index', 'notes', '--data', data]);
      await running.says(/ chunks to embed/u);
      await later(ms);
      const err = await stopped(running);
      const [, added, unchanged] = /what was embedded is kept.*: (\d+) chunks? added, (\d+) unchanged/u.exec(err)!;
      // What earlier runs embedded is not embedded again.
      expect(Number(unchanged)).toBeLessThanOrEqual(kept);
      kept += Number(added);
    }
    expect(kept).toBeGreaterThan(0);
    expect(await place.run('check', '--data', data)).toMatchObject({ code: 0, out: expect.stringContaining(`${kept} records`) });
    const listed = await place.run('documents', '--index', 'notes', '--data', data);
    expect(listed).toMatchObject({ code: 0, out: expect.stringMatching(/rows\.jsonl .*not complete/u) });
  }, 240_000);
});
