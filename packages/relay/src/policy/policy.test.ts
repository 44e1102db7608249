import { peerIdOfSeed } from '@tributary/client';
import { ed25519PublicKey } from '@tributary/proof/primitives';
import { didFromPublicKey } from '@tributary/proof/statements';
import { describe, expect, it } from 'vitest';
import { globMatches, isAllowed, parsePolicy, sellRule } from './policy.ts';

describe('policy file', () => {
  it('fills in what the owner left out', () => {
    expect(parsePolicy('{"price":5}', 'p.json')).toMatchObject({
      price: { base: '5', perResult: '0', perKiB: '0', empty: '0' },
      topK: 100,
      allow: [],
    });
  });

  it.each([
    ['{"price":-1}', 'price'],
    ['{"price":{"base":"1.5"}}', 'price'],
    ['{"topk":3}', 'topk'],
    ['{"topK":0}', 'topK'],
    ['{"allow":["did:key:z6Mkshort"]}', 'allow.0'],
    ['{"sell":[{"glob":"*","sell":"maybe"}]}', 'sell.0.sell'],
    ['{', 'not JSON'],
  ])('refuses %s and names the member', (json, where) => {
    expect(() => parsePolicy(json, 'p.json')).toThrow(
      expect.objectContaining({ code: 'POLICY_FILE', message: expect.stringContaining(where) }),
    );
  });

  it('knows a DID by the libp2p key of its peer', async () => {
    const seed = new Uint8Array(32).fill(7);
    const did = didFromPublicKey(ed25519PublicKey(seed));
    const policy = parsePolicy(JSON.stringify({ allow: [did, '0xabc'] }), 'p');
    expect(isAllowed(policy, [await peerIdOfSeed(seed)])).toBe(true);
    expect(isAllowed(policy, ['other', '0xabc'])).toBe(true);
    expect(isAllowed(policy, [await peerIdOfSeed(new Uint8Array(32).fill(8)), did])).toBe(false);
  });

  it('lets the last matching rule decide what is sold', () => {
    const policy = parsePolicy('{"sell":[{"glob":"**","sell":"never"},{"glob":"public/**","sell":"full"}]}', 'p');
    expect([sellRule(policy, 'a.md'), sellRule(policy, 'public/x/y.md')]).toEqual(['never', 'full']);
    expect(sellRule(parsePolicy('{}', 'p'), 'a.md')).toBeNull();
  });

  it.each([
    ['*.md', 'a.md', true],
    ['*.md', 'x/a.md', false],
    ['**/*.md', 'x/y/a.md', true],
    ['**/*.md', 'a.md', true],
    ['drafts/**', 'drafts/x/y', true],
    ['a?.md', 'ab.md', true],
    ['a.md', 'aXmd', false],
    ['(x)+[1].md', '(x)+[1].md', true],
  ])('glob %s on %s is %s', (glob, path, expected) => {
    expect(globMatches(glob, path)).toBe(expected);
  });

  it('an empty allow-list allows everybody, another only its members', () => {
    expect(isAllowed(parsePolicy('{}', 'p'), [])).toBe(true);
    const policy = parsePolicy('{"allow":["peer1"]}', 'p');
    expect([isAllowed(policy, ['peer2', '0x1']), isAllowed(policy, ['peer1'])]).toEqual([false, true]);
  });
});
