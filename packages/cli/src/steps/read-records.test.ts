import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { readRecords } from './read-records.ts';

async function read(content: string | Buffer): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-records-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'records.jsonl'), content);
  const ids: string[] = [];
  for await (const { record } of readRecords(join(folder, 'records.jsonl'), new AbortController().signal)) ids.push(record.id);
  return ids;
}

it('reads a record from each line that is not empty', async () => {
  expect(await read('{"id":"a","text":"one"}\r\n\n  \n{"id":"b","text":"two"}')).toEqual(['a', 'b']);
});

it.each<[string, string | Buffer, string, string]>([
  ['a line that is too long', `{"id":"a","text":"a"}\n{"id":"${'b'.repeat(1_048_577)}`, 'INPUT_TOO_LARGE', 'line 2 of '],
  ['bytes that are not UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'INPUT_NOT_UTF8', 'line 1 of '],
  ['no JSON', '{"id":"a","text":"a"}\n\n{', 'INPUT_NOT_JSON', 'line 3 of '],
  ['an unknown member', '{"id":"a","txt":"a"}', 'INPUT_SHAPE', 'line 1 of '],
])('refuses %s, and names the line', async (_name, content, code, where) => {
  await expect(read(content)).rejects.toMatchObject({ code, message: expect.stringContaining(where) });
});

it('says that a file cannot be read', async () => {
  const reading = readRecords('/nothing/here.jsonl', new AbortController().signal).next();
  await expect(reading).rejects.toMatchObject({ code: 'PATH_NOT_FOUND' });
});
