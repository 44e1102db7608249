import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readLines } from './read-lines.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-lines-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function linesOf(text: string, from = 0, bytesMax = 100_000) {
  const path = join(folder, 'lines');
  await writeFile(path, text);
  const lines: [string | null, number][] = [];
  for await (const { bytes, next } of readLines(path, from, bytesMax, new AbortController().signal))
    lines.push([bytes?.toString() ?? null, next]);
  return lines;
}

it('gives each line with the offset of the next one', async () => {
  expect(await linesOf('a\n\nété\nlast')).toEqual([
    ['a', 2],
    ['', 3],
    ['été', 9],
    ['last', 13],
  ]);
  expect(await linesOf('a\nb\n', 2)).toEqual([['b', 4]]);
  expect(await linesOf('')).toEqual([]);
});
it('joins lines that come in several pieces', async () => {
  const long = 'x'.repeat(90_000);
  expect(await linesOf(`${long}\n${long}\nb`)).toEqual([
    [long, 90_001],
    [long, 180_002],
    ['b', 180_003],
  ]);
});
it('passes over a line that is too long', async () => {
  expect(await linesOf(`12345\n123456\n${'x'.repeat(200_000)}\nb`, 0, 5)).toEqual([
    ['12345', 6],
    [null, 13],
    [null, 200_014],
    ['b', 200_015],
  ]);
});
