import { expect, test } from 'vitest';
import { gpuBatchTextsMax, gpuBatchTokensMax } from '../limits.ts';
import { createBatcher } from './batcher.ts';

const tokensOf = (text: string): number => text.length;
const documents = { urgent: false, signal: undefined };

/** A device whose calls end when the test says so. */
function device(fits: (texts: string[]) => boolean = () => true) {
  const calls: string[][] = [];
  const run = async (texts: string[]): Promise<string[]> => {
    calls.push(texts);
    await new Promise((resolve) => setImmediate(resolve));
    if (!fits(texts)) throw new Error('out of memory');
    return texts.map((text) => text.toUpperCase());
  };
  return { calls, run };
}

test('gathers texts up to a bound of padded tokens and of texts, and gives each its own result', async () => {
  const { calls, run } = device();
  const batcher = createBatcher({ run, tokensOf });
  const long = 'x'.repeat(gpuBatchTokensMax / 2);
  const texts = [long, long, 'a', ...Array.from({ length: gpuBatchTextsMax + 1 }, () => 'b')];
  const results = await Promise.all(texts.map((text) => batcher.run(text, documents)));
  expect(results).toEqual(texts.map((text) => text.toUpperCase()));
  expect(calls.map((call) => call.length)).toEqual([2, gpuBatchTextsMax, 2]);
});

test('questions go before documents that wait', async () => {
  const { calls, run } = device();
  const batcher = createBatcher({ run, tokensOf });
  const long = 'x'.repeat(gpuBatchTokensMax);
  const waiting = [1, 2, 3].map((at) => batcher.run(long + at, documents));
  await new Promise((resolve) => setImmediate(resolve));
  await Promise.all([...waiting, batcher.run('question', { urgent: true, signal: undefined })]);
  expect(calls.map(([first]) => first!.slice(-1))).toEqual(['1', '2', 'n', '3']);
});

test('a call that does not fit the memory is halved until it does, and later ones are smaller', async () => {
  const { calls, run } = device((texts) => texts.length <= 3);
  const batcher = createBatcher({ run, tokensOf: () => gpuBatchTokensMax / 8 });
  const eight = () => Promise.all(Array.from({ length: 8 }, (_, at) => batcher.run(`t${at}`, documents)));
  expect(await eight()).toEqual(Array.from({ length: 8 }, (_, at) => `T${at}`));
  expect(calls.map(({ length }) => length)).toEqual([8, 4, 2, 2, 4, 2, 2]);
  calls.length = 0;
  await eight();
  expect(Math.max(...calls.map(({ length }) => length))).toBeLessThanOrEqual(2);
});

test('a text that no call can hold fails alone; one that is given up is not computed', async () => {
  const { calls, run } = device((texts) => !texts.includes('bad'));
  const batcher = createBatcher({ run, tokensOf });
  const abort = new AbortController();
  const given = batcher.run('given up', { urgent: false, signal: abort.signal });
  abort.abort(new Error('hung up'));
  const all = await Promise.allSettled([given, ...['a', 'bad', 'c'].map((text) => batcher.run(text, documents))]);
  expect(all.map((one) => (one.status === 'fulfilled' ? one.value : (one.reason as Error).message))).toEqual([
    'hung up',
    'A',
    'out of memory',
    'C',
  ]);
  expect(calls.flat()).not.toContain('given up');
});
