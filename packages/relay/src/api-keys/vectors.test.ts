// Runs every case of schemas/vectors/api-keys.*.json, which were written from docs/spec/api-keys.md without this code.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ApiKeyRecord } from '@tributary/schemas';
import { readKeys, writeKeys } from './keys-text.ts';
import { mayMean, means } from './scope.ts';
import { newKeyId, newToken, parseToken } from './token.ts';

interface Cases {
  token: { input: { idBytes: string; secret: string; token: string }; expect: { id: string; hash: string } };
  file: { input: { file: string }; expect: { keys: ApiKeyRecord[] }; code: string };
  scope: { input: { patterns: string[]; index: string }; expect: { means: boolean; mayMean: boolean } };
}
function read<Op extends keyof Cases>(name: string, op: Op): (Cases[Op] & { comment: string })[] {
  const path = join(import.meta.dirname, '../../../../schemas/vectors', name);
  return (JSON.parse(readFileSync(path, 'utf8')) as (Cases[Op] & { op: Op; comment: string })[]).filter((one) => one.op === op);
}

describe('tokens', () => {
  it.each(read('api-keys.valid.json', 'token'))('$comment', ({ input, expect: wanted }) => {
    expect(newKeyId(() => Buffer.from(input.idBytes, 'hex'))).toBe(wanted.id);
    expect(newToken(wanted.id, () => Buffer.from(input.secret, 'hex'))).toEqual({ ...wanted, token: input.token });
    expect(parseToken(input.token)).toEqual({ ...wanted, token: input.token });
  });
  it.each(read('api-keys.invalid.json', 'token'))('refuse $comment', ({ input }) => {
    expect(parseToken(input.token)).toBeNull();
  });
});

describe('files', () => {
  it.each(read('api-keys.valid.json', 'file'))('$comment', ({ input, expect: wanted }) => {
    expect(readKeys(input.file, 'keys')).toEqual(wanted.keys);
    expect(writeKeys(wanted.keys)).toBe(input.file);
  });
  it.each(read('api-keys.invalid.json', 'file'))('refuse $comment', ({ input, code }) => {
    expect(() => readKeys(input.file, 'keys')).toThrow(expect.objectContaining({ code }));
  });
});

describe('patterns of indexes', () => {
  it.each(read('api-keys.valid.json', 'scope'))('$comment', ({ input, expect: wanted }) => {
    expect([means(input.patterns, input.index), mayMean(input.patterns, input.index)]).toEqual([wanted.means, wanted.mayMean]);
  });
});
