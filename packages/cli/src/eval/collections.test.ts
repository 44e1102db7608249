import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseQrels, parseQueries, readCollection } from './collections.ts';

const HEADER = 'query-id\tcorpus-id\tscore\n';

describe('queries', () => {
  it('are read in order', () => {
    const text = '{"_id":"2","text":"why?","metadata":{}}\r\n\n{"_id":"1","text":"how?"}';
    expect([...parseQueries(text, 'q')]).toEqual([
      ['2', 'why?'],
      ['1', 'how?'],
    ]);
  });

  it.each([
    ['{"_id":"1","text":"a"}\nnonsense', 'q.jsonl:2 is not JSON'],
    ['[]', 'q.jsonl:1 is not a JSON object'],
    ['\n{"text":"a"}', 'q.jsonl:2 has no _id'],
    ['{"_id":7,"text":"a"}', 'q.jsonl:1 has no _id'],
    ['{"_id":"1","text":" "}', 'q.jsonl:1 has no text'],
    ['{"_id":"1","text":"a"}\n{"_id":"1","text":"b"}', "q.jsonl:2 repeats query '1'"],
  ])('%j is refused', (text, message) => {
    expect(() => parseQueries(text, 'q.jsonl')).toThrow(
      expect.objectContaining({ code: 'INPUT_SHAPE', message: expect.stringContaining(message) }),
    );
  });
});

describe('judgements', () => {
  it('keep every gain', () => {
    const { qrels } = parseQrels(`${HEADER}1\ta\t3\n1\tb\t-1\n2\ta\t0\n`, 'r');
    expect([...qrels.get('1')!]).toEqual([
      ['a', 3],
      ['b', -1],
    ]);
    expect(qrels.get('2')!.get('a')).toBe(0);
  });

  it.each([
    ['1\ta\t1\n', 'r.tsv:1 must be the header'],
    ['', 'r.tsv:1 must be the header'],
    [`${HEADER}1 a 1\n`, 'r.tsv:2 must have three fields'],
    [`${HEADER}1\ta\t1\t0\n`, 'r.tsv:2 must have three fields'],
    [`${HEADER}\n1\ta\t0.5\n`, "r.tsv:3 has the score '0.5'"],
    [`${HEADER}1\ta\t\n`, "r.tsv:2 has the score ''"],
    [`${HEADER}1\ta\t1\n1\ta\t2\n`, "r.tsv:3 judges document 'a' for query '1' a second time"],
  ])('%j is refused', (text, message) => {
    expect(() => parseQrels(text, 'r.tsv')).toThrow(
      expect.objectContaining({ code: 'INPUT_SHAPE', message: expect.stringContaining(message) }),
    );
  });

  it('survive a round trip', () => {
    const id = fc.stringMatching(/^[\w.:-]{1,12}$/);
    const rows = fc.uniqueArray(fc.tuple(id, id, fc.integer({ min: -9, max: 9 })), {
      selector: ([query, document]) => `${query} ${document}`,
    });
    fc.assert(
      fc.property(rows, (given) => {
        const { qrels } = parseQrels(HEADER + given.map((row) => `${row.join('\t')}\n`).join(''), 'r');
        const back = new Set([...qrels].flatMap(([query, judged]) => [...judged].map((row) => [query, ...row].join(' '))));
        expect(back).toEqual(new Set(given.map((row) => row.join(' '))));
      }),
    );
  });
});

describe('a collection on disk', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'collection-'));
    await writeFile(join(folder, 'queries.jsonl'), '{"_id":"1","text":"a"}\n{"_id":"2","text":"b"}\n');
    await writeFile(join(folder, 'qrels.tsv'), `${HEADER}2\td\t1\n`);
    await writeFile(join(folder, 'other.tsv'), `${HEADER}2\td\t1\n3\td\t1\n`);
    await writeFile(join(folder, 'latin1.tsv'), Buffer.from([0xe9, 0x0a]));
  });
  afterAll(() => rm(folder, { recursive: true }));
  const read = (qrels: string) => readCollection({ queries: join(folder, 'queries.jsonl'), qrels: join(folder, qrels) });

  it('has only the judged queries', async () => {
    expect([...(await read('qrels.tsv')).queries]).toEqual([['2', 'b']]);
  });

  it('is refused with file and line when a judged query is unknown, and by name when it cannot be read', async () => {
    await expect(read('other.tsv')).rejects.toThrow(/other\.tsv:3 judges query '3', which is not in/);
    await expect(read('latin1.tsv')).rejects.toMatchObject({ code: 'INPUT_NOT_UTF8' });
    await expect(read('none.tsv')).rejects.toMatchObject({ code: 'PATH_NOT_FOUND' });
  });
});
