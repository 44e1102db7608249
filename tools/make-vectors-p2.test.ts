import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { vectorFiles } from './make-vectors/p2.ts';

// Fails when a format changes. Run `node tools/make-vectors/p2.ts` only when the change is intended.
test.each([...vectorFiles()])('schemas/vectors/%s is what the sources give', (name, text) => {
  expect(readFileSync(join(import.meta.dirname, '../schemas/vectors', name), 'utf8')).toBe(text);
});
