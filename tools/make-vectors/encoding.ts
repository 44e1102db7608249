import { concat, fromHex, toBase64url, toHex, utf8, vectorToBase64url } from '../../packages/proof/src/bytes.ts';
import * as domains from '../../packages/proof/src/domains.ts';
import { hashLeaf, hashNode } from '../../packages/proof/src/merkle/hash.ts';
import { consistencyPath, rootOf } from '../../packages/proof/src/merkle/proof.ts';
import { inclusionPath } from '../../packages/proof/src/testing/inclusion-path.ts';
import { statementHash } from '../../packages/proof/src/statements/sign.ts';
import { invalid, valid, type VectorCase, type Vectors } from './case.ts';

const entries = Array.from({ length: 7 }, (_, at) => `entry ${at}`);
const leaves = entries.map((entry) => hashLeaf(utf8(entry)));
const root = (size: number) => toHex(rootOf(leaves.slice(0, size)));
const path = (hashes: readonly Uint8Array[]) => hashes.map(toBase64url);

const CANONICAL = [
  ['members in the order of the writer', '{"b":1,"a":[true,false,null]}'],
  ['array indexes first, ascending', '{"1":0,"10":0,"b":0,"01":0,"4294967295":0,"-1":0}'],
  ['escapes: the short forms, and \\u00xx for other controls', '"\\"\\\\\\b\\t\\n\\f\\r\\u0000\\u001f/\u007f"'],
  ['other characters stand for themselves', '"é €  𝄞"'],
  ['numbers as ECMAScript writes them', '[0,-1,0.5,1e+21,123456789012345680000,1e-7,0.000001,9007199254740991]'],
  ['text that looks normalised is not changed', '"\u0041\u030a"'],
] as const;

const NOT_CANONICAL = [
  ['white space', '{"a": 1}'],
  ['a line end at the end', '{"a":1}\n'],
  ['a byte order mark', '\ufeff{"a":1}'],
  ['a repeated member', '{"a":1,"a":1}'],
  ['array indexes out of order', '{"10":0,"1":0}'],
  ['an array index after another name', '{"b":0,"1":0}'],
  ['minus zero', '-0'],
  ['a fraction of zero', '1.0'],
  ['an exponent that is not needed', '1e3'],
  ['an exponent without sign', '1e21'],
  ['more digits than the number has', '0.1000000000000000055511151231257827'],
  ['an integer that changes when read', '9007199254740993'],
  ['an escape that is not needed', '"\\u0061"'],
  ['an escaped slash', '"\\/"'],
  ['an escape in upper case', '"\\u001F"'],
  ['an escaped character beyond ASCII', '"\\u00e9"'],
  ['an escaped lone surrogate', '"\\ud800"'],
] as const;

function canonical(): VectorCase[] {
  const accepted = CANONICAL.map(([comment, text]) =>
    valid('canonical-json', comment, { bytes: toHex(utf8(text)) }, { value: JSON.parse(text) as unknown }),
  );
  return [...accepted, valid('canonical-json', 'an empty object', { bytes: '7b7d' }, { value: {} })];
}

function notCanonical(): VectorCase[] {
  const refused = NOT_CANONICAL.map(([comment, text]) => {
    const code = text.startsWith('\ufeff') ? 'INPUT_NOT_JSON' : 'INPUT_NOT_CANONICAL';
    return invalid('canonical-json', code, comment, { bytes: toHex(utf8(text)) });
  });
  return [
    ...refused,
    invalid('canonical-json', 'INPUT_NOT_UTF8', 'a surrogate encoded in UTF-8', { bytes: '22eda08022' }),
    invalid('canonical-json', 'INPUT_NOT_UTF8', 'an overlong form', { bytes: '22c0af22' }),
    invalid('canonical-json', 'INPUT_NOT_JSON', 'nothing', { bytes: '' }),
    invalid('canonical-json', 'INPUT_NOT_JSON', 'a trailing comma', { bytes: toHex(utf8('[1,]')) }),
    invalid('canonical-json', 'INPUT_NOT_JSON', 'one level too many', { bytes: toHex(utf8('['.repeat(65) + ']'.repeat(65))) }),
    invalid('canonical-json', 'INPUT_NOT_JSON', 'NaN', { bytes: toHex(utf8('NaN')) }),
  ];
}

function texts(): VectorCase[] {
  const bytes = ['', '00', 'ffff', 'fbefbe', '000102030405060708090a0b0c0d0e0f'];
  const vectors = [[1, -2], [0.1, 1e-40, -0], [3.4028234663852886e38]];
  return [
    ...bytes.map((hex) => valid('base64url', 'unpadded base64url', { bytes: hex }, { text: toBase64url(fromHex(hex)) })),
    ...vectors.map((values) => {
      const vector = Float32Array.from(values);
      return valid(
        'vector',
        'values in decimal, rounded to float32; -0 is 0 here as in JSON',
        { values: [...vector].map((value) => value + 0) },
        { text: vectorToBase64url(vector.map((value) => value + 0)) },
      );
    }),
    ...Object.entries(domains)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, tag]) =>
        valid('statement-hash', name, { tag: toHex(tag), body: '{"v":1}' }, { hash: statementHash(tag, '{"v":1}') }),
      ),
  ];
}

function trees(): VectorCase[] {
  const sizes = entries.map((_, at) => at + 1);
  return [
    valid('leaf-hash', 'of the empty entry', { entry: '' }, { hash: toHex(hashLeaf(new Uint8Array())) }),
    valid(
      'node-hash',
      'of two leaves',
      { left: toHex(leaves[0]!), right: toHex(leaves[1]!) },
      { hash: toHex(hashNode(leaves[0]!, leaves[1]!)) },
    ),
    valid('root', 'of the empty tree', { entries: [] }, { root: root(0) }),
    ...sizes.map((size) => valid('root', `of ${size} entries`, { entries: entries.slice(0, size) }, { root: root(size) })),
    ...entries.map((_, index) =>
      valid('inclusion', `entry ${index} of 7`, { entries, index }, { path: path(inclusionPath(leaves, index)), root: root(7) }),
    ),
    ...[0, ...sizes].map((first) =>
      valid(
        'consistency',
        `from ${first} entries to 7`,
        { entries, first },
        { path: path(consistencyPath(leaves, first)), firstRoot: root(first), secondRoot: root(7) },
      ),
    ),
  ];
}

function wrongTrees(): VectorCase[] {
  const good = { index: 2, size: 7, leafHash: toHex(leaves[2]!), path: path(inclusionPath(leaves, 2)), root: root(7) };
  const inner = toHex(hashLeaf(concat(leaves[2]!, leaves[3]!)));
  const bad = (comment: string, change: object) => invalid('inclusion', 'ITEM_INCLUSION', comment, { ...good, ...change });
  const chain = { first: 3, second: 7, firstRoot: root(3), secondRoot: root(7), path: path(consistencyPath(leaves, 3)) };
  const broken = (comment: string, change: object) =>
    invalid('consistency', 'HEAD_CONSISTENCY', comment, { ...chain, ...change });
  return [
    bad('another index', { index: 3 }),
    bad('an index beyond the tree', { index: 7 }),
    bad('another size', { size: 4 }),
    bad('another leaf', { leafHash: toHex(leaves[3]!) }),
    bad('two leaf hashes posing as an entry', { leafHash: inner, index: 1, size: 4, path: good.path.slice(1) }),
    bad('a path cut short', { path: good.path.slice(0, -1) }),
    bad('a path with the root at its end', { path: [...good.path, toBase64url(fromHex(root(7)))] }),
    bad('a path in reverse', { path: good.path.toReversed() }),
    bad('another root', { root: root(6) }),
    broken('another first root', { firstRoot: root(4) }),
    broken('another second root', { secondRoot: root(6) }),
    broken('another first size', { first: 2 }),
    broken('sizes exchanged', { first: 7, second: 3 }),
    broken('an empty path', { path: [] }),
    broken('a hash too many', { path: [...chain.path, chain.path[0]] }),
    broken('the same size with another root', { first: 7, path: [] }),
  ];
}

function wrongTexts(): VectorCase[] {
  const texts = [
    ['padding', 'AA=='],
    ['a length that no bytes have', 'AAAAA'],
    ['unused bits set, one byte', 'AB'],
    ['unused bits set, two bytes', 'AAB'],
    ['the digits of plain base64', '+/+/'],
    ['white space', 'AA A'],
  ] as const;
  return texts.map(([comment, text]) => invalid('base64url', 'INPUT_SHAPE', comment, { text }));
}

export const encoding: Vectors = {
  valid: [...canonical(), ...texts(), ...trees()],
  invalid: [...notCanonical(), ...wrongTexts(), ...wrongTrees()],
};
