import { expect, it } from 'vitest';
import { inWords } from './duration.ts';

it.each([
  [0, '1 second'],
  [50, '1 second'],
  [1_001, '2 seconds'],
  [119_999, '120 seconds'],
  [120_000, '2 minutes'],
  [150_001, '3 minutes'],
  [7_200_000, '2 hours'],
  [172_800_000, '2 days'],
])('%i ms is %s', (ms, words) => {
  expect(inWords(ms)).toBe(words);
});
