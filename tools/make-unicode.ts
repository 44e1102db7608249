// Writes packages/proof/src/score/unicode.ts: `node tools/make-unicode.ts FOLDER`, with FOLDER the unpacked npm package
// @unicode/unicode-15.0.0 of version 2.0.7 (MIT; `npm pack @unicode/unicode-15.0.0@2.0.7`). Run it only to move to
// another version of Unicode: that changes terms, and so every BM25 score.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const UNSPACED = ['Han', 'Hiragana', 'Katakana', 'Thai', 'Hangul'];
/** The long sound mark, which belongs to no script. */
const SOUND_MARK = 0x30_fc;

async function pointsOf(folder: string, property: string): Promise<number[]> {
  const { default: points } = (await import(pathToFileURL(join(folder, property, 'code-points.mjs')).href)) as {
    default: number[];
  };
  return points;
}

/** Gaps and lengths of the runs in base 36: `gap length gap length …`. */
function encode(points: Iterable<number>): string {
  const sorted = [...new Set(points)].toSorted((a, b) => a - b);
  const numbers: number[] = [];
  let end = 0;
  for (let at = 0; at < sorted.length;) {
    const from = sorted[at]!;
    let length = 1;
    while (sorted[at + length] === from + length) length += 1;
    numbers.push(from - end, length);
    end = from + length;
    at += length;
  }
  return numbers.map((number) => number.toString(36)).join(' ');
}

function constant(name: string, comment: string, points: Iterable<number>): string {
  const lines = encode(points).match(/.{1,118}(?: |$)/g) ?? [];
  return `/** ${comment} */\nexport const ${name} =\n${lines.map((line) => `  '${line}'`).join(' +\n')};\n`;
}

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('name the folder of the unpacked package @unicode/unicode-15.0.0');
const assigned = await pointsOf(folder, 'Binary_Property/Assigned');
const word = (await Promise.all(['Letter', 'Number', 'Mark'].map((name) => pointsOf(folder, `General_Category/${name}`)))).flat();
const scripts = (await Promise.all(UNSPACED.map((name) => pointsOf(folder, `Script/${name}`)))).flat();
const isWord = new Set(word);
const text = [
  '// Made by tools/make-unicode.ts from @unicode/unicode-15.0.0. Runs of code points: gap and length, in base 36.\n',
  constant('ASSIGNED', 'Code points that Unicode 15.0 assigns.', assigned),
  constant('WORD', 'Letters, numbers and marks (general categories L, N, M) of Unicode 15.0.', word),
  constant(
    'UNSPACED',
    'Those of them in scripts written without spaces: Han, Hiragana, Katakana, Thai, Hangul, and U+30FC.',
    [...scripts, SOUND_MARK].filter((point) => isWord.has(point)),
  ),
].join('\n');
writeFileSync(join(import.meta.dirname, '../packages/proof/src/score/unicode.ts'), text);
