import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { vectorFiles as ledgerFiles } from './make-vectors/ledger.ts';
import { vectorFiles as relayFiles } from './make-vectors/relay.ts';

// A change of a format shows here first: run `node tools/make-vectors/relay.ts` or `…/ledger.ts` only when it is
// wanted.
test.each([...relayFiles(), ...ledgerFiles()])('schemas/vectors/%s is what the sources give', (name, text) => {
  expect(readFileSync(join(import.meta.dirname, '../schemas/vectors', name), 'utf8')).toBe(text);
});
