import { expect, test } from 'vitest';
import { kindOf } from './kind.ts';

test.each([
  ['guide.md', 'a *word*', 'markdown'],
  ['src/main.rs', 'fn main() {}', 'code'],
  ['report.pdf', '1. a list?', 'plain'],
  [null, '```js\nx\n```', 'markdown'],
  [null, 'two\nlines *as they are*', 'plain'],
  ['deep.md', `${'> '.repeat(24)}a`, 'plain'],
  ['shallow.md', `${'> '.repeat(23)}a`, 'markdown'],
  ['long.md', 'a'.repeat(20_001), 'plain'],
  ['fits.md', 'a'.repeat(20_000), 'markdown'],
])('a passage of %s is shown as what it is', (document, text, kind) => {
  expect(kindOf(document === null ? null : { document }, text)).toBe(kind);
});
