import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { vectorFiles as ledgerFiles } from './make-vectors/ledger.ts';
import { vectorFiles as relayFiles } from './make-vectors/relay.ts';

// Fails when a format changes. Run `node tools/make-vectors/relay.ts` or `…/ledger.ts` only when the change is
// intended.
test.each([...relayFiles(), ...ledgerFiles()])('schemas/vectors/%s is what the sources give', (name, text) => {
  expect(readFileSync(join(import.meta.dirname, '../schemas/vectors', name), 'utf8')).toBe(text);
});
