import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { vectorFiles } from './make-vectors/relay.ts';

// A change of a format shows here first: run `node tools/make-vectors/relay.ts` only when it is wanted.
test.each([...vectorFiles()])('schemas/vectors/%s is what the sources give', (name, text) => {
  expect(readFileSync(join(import.meta.dirname, '../schemas/vectors', name), 'utf8')).toBe(text);
});
