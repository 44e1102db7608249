import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { announcement, METHODS, type MethodName } from './wire.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/spec/relay.md'), 'utf8');
const section = page.slice(page.indexOf('\n## Methods\n'), page.indexOf('\n### Channels\n'));
const rows = section
  .split('\n')
  .filter((line) => /^\| [a-z]\w*/i.test(line) && !line.startsWith('| method '))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, method, params, result]) => ({ method: method!, params: params!, result: result! }));

/** The members in the first braces of a text, sorted. */
const members = (text: string): string[] =>
  /\{([^}:]*)\}/
    .exec(text)![1]!
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean)
    .toSorted();
const membersOf = (shape: { shape: object }): string[] => Object.keys(shape.shape).toSorted();

it('the methods of docs/spec/relay.md are those of a link', () => {
  expect(rows.map(({ method }) => method).toSorted()).toEqual(Object.keys(METHODS).toSorted());
});

it.each(rows)('$method has the parameters and the result of the page', ({ method, params, result }) => {
  const shapes = METHODS[method as MethodName];
  expect(members(params)).toEqual(membersOf(shapes.params));
  // What each side announces has one shape.
  expect(members(method === 'announce' ? params : result)).toEqual(membersOf(shapes.result));
});

it('an announcement has the members of the page', () => {
  const defined = /An announcement is `(\{[^`]*\})`/.exec(page)![1]!;
  expect(members(defined)).toEqual(membersOf(announcement));
});
