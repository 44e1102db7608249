// The same vectors with the cryptography of browsers: one answer has one verdict everywhere.
import { describe, expect, test, vi } from 'vitest';
import { secp256k1Backend } from '../src/crypto/node.ts';
import { createVerifierCaches, serializeBundle, verifyAnswer } from '../src/index.ts';
import { makeTestBundle } from './_bundle.ts';
import { OPERATIONS, readVectors } from './_paid-vectors.ts';

// Replaces the module that package.json's import map selects in Node by the one for other platforms.
vi.mock('#crypto', async () => await import('../src/crypto/browser.ts'));

test('the portable cryptography is used', () => expect(secp256k1Backend).toBe('noble'));

test('it makes the same bundle, byte for byte', () => {
  const [paid] = readVectors('bundle.valid.json');
  const made = makeTestBundle({ request: (request) => ({ ...request, topK: 1 }) });
  expect(serializeBundle(made)).toBe((paid!.input as { file: string }).file);
  expect(verifyAnswer(made, { caches: createVerifierCaches() }).answer.results).toHaveLength(1);
});

describe.each(['offer', 'payment', 'bundle'])('%s', (page) => {
  test('valid cases', () => {
    for (const { op, input, expect: expected } of readVectors(`${page}.valid.json`))
      expect(OPERATIONS[op]!(input)).toEqual(expected);
  });
  test('invalid cases', () => {
    for (const { op, input, code, comment } of readVectors(`${page}.invalid.json`))
      expect(() => OPERATIONS[op]!(input), comment).toThrow(expect.objectContaining({ code }));
  });
});
