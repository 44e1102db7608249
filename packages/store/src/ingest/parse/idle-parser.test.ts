import { expect, it, onTestFinished } from 'vitest';
import { openIdleParser } from './idle-parser.ts';
import { openParser } from './parse.ts';

it('keeps its workers while files arrive, ends them when none does, and starts them again', async () => {
  const closed: Promise<void>[] = [];
  const waiting: (() => void)[] = [];
  let opened = 0;
  const parser = openIdleParser(20, () => {
    opened += 1;
    const inner = openParser({ workers: 1 });
    return {
      parse: inner.parse,
      close: () => {
        closed.push(inner.close());
        for (const wake of waiting.splice(0)) wake();
        return closed.at(-1)!;
      },
    };
  });
  onTestFinished(() => parser.close());
  const parse = async (text: string) => {
    const outcome = await parser.parse({ bytes: new TextEncoder().encode(text), relative: 'a.md' });
    return outcome.ok && outcome.documents[0]!.text;
  };
  expect(await Promise.all(['Salmon.', 'Storks.'].map(parse))).toEqual(['Salmon.', 'Storks.']);
  expect([opened, closed.length]).toEqual([1, 0]);
  await new Promise<void>((resolve) => waiting.push(resolve));
  expect(await parse('Weirs.')).toBe('Weirs.');
  expect(opened).toBe(2);
  await parser.close();
  expect(closed).toHaveLength(2);
  await Promise.all(closed);
});
