// Runs every case of schemas/vectors for offers, payments, queries, bundles and writers.
import { describe, expect, test } from 'vitest';
import { secp256k1Backend } from '../src/crypto/node.ts';
import { OPERATIONS, readVectors, type VectorCase } from './_paid-vectors.ts';

const run = ({ op, input }: VectorCase) => OPERATIONS[op]!(input);
const numbered = (cases: VectorCase[]) => cases.map((value, at) => [at, value.op, value.comment, value] as const);

test('the native cryptography of Node is used', () => expect(secp256k1Backend).toBe('native'));

describe.each(['offer', 'payment', 'query', 'bundle', 'writers', 'embedding'])('%s', (page) => {
  test.each(numbered(readVectors(`${page}.valid.json`)))('valid %i %s: %s', (_at, _op, _comment, value) => {
    expect(run(value)).toEqual(value.expect);
  });
  test.each(numbered(readVectors(`${page}.invalid.json`)))('invalid %i %s: %s', (_at, _op, _comment, value) => {
    expect(() => run(value)).toThrow(expect.objectContaining({ code: value.code }));
  });
});
