// Writes schemas/vectors/{encoding,record,write,snapshot,identity}.{valid,invalid}.json:
// `node tools/make-vectors/p1.ts`. The same files every time: keys, salts and times are fixed.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { VectorCase, Vectors } from './case.ts';
import { encoding } from './encoding.ts';
import { identity } from './identity.ts';
import { record } from './record.ts';
import { snapshot } from './snapshot.ts';
import { write } from './write.ts';

const pages: Readonly<Record<string, Vectors>> = { encoding, record, write, snapshot, identity };

/** Text of each file, by its name in schemas/vectors. */
export function vectorFiles(): Map<string, string> {
  const text = (cases: readonly VectorCase[]) => `${JSON.stringify(cases, null, 2)}\n`;
  return new Map(
    Object.entries(pages).flatMap(([page, cases]): [string, string][] => [
      [`${page}.valid.json`, text(cases.valid)],
      [`${page}.invalid.json`, text(cases.invalid)],
    ]),
  );
}

if (import.meta.main) {
  const folder = join(import.meta.dirname, '../../schemas/vectors');
  for (const [name, text] of vectorFiles()) writeFileSync(join(folder, name), text);
}
