// Published test vectors from the folder `shared` beside the repository; skipped where it is absent.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseCanonical } from '@tributary/schemas';
import { describe, expect, it } from 'vitest';
import { fromBase64, fromHex, toHex, utf8 } from '../src/bytes.ts';
import * as browser from '../src/crypto/browser.ts';
import * as node from '../src/crypto/node.ts';
import { isUsablePublicKey } from '../src/crypto/public-key.ts';
import { didFromPublicKey, publicKeyFromDid } from '../src/identity.ts';
import { verifyConsistency, verifyInclusion } from '../src/merkle/proof.ts';

const FOLDER = join(import.meta.dirname, '../../../../shared/data/vectors');
const skip = (name: string) => !existsSync(join(FOLDER, name));
const title = (name: string) => (skip(name) ? `${name} (skipped: no shared/data/vectors/${name})` : name);
const read = (...path: string[]) => readFileSync(join(FOLDER, ...path), 'utf8');

interface InclusionCase {
  leafIdx: number;
  treeSize: number;
  root: string | null;
  leafHash: string | null;
  proof: string[] | null;
  desc: string;
  wantErr: boolean;
}
interface ConsistencyCase {
  size1: number;
  size2: number;
  root1: string | null;
  root2: string | null;
  proof: string[] | null;
  desc: string;
  wantErr: boolean;
}

describe.skipIf(skip('rfc6962-merkle'))(title('rfc6962-merkle'), () => {
  const files = <T>(kind: string) => {
    if (skip('rfc6962-merkle')) return []; // the body of a skipped suite runs too
    const folder = join('rfc6962-merkle/testdata', kind);
    const names = readdirSync(join(FOLDER, folder), { recursive: true, encoding: 'utf8' });
    return names
      .filter((name) => name.endsWith('.json'))
      .map((name) => ({ name: `${kind}/${name}`, value: JSON.parse(read(folder, name)) as T }));
  };
  const hashes = (texts: readonly string[] | null) => (texts ?? []).map((text) => fromBase64(text));
  const verdicts = [
    ...files<InclusionCase>('inclusion').map(({ name, value }) => ({
      name,
      wanted: !value.wantErr,
      got: verifyInclusion({
        index: value.leafIdx,
        size: value.treeSize,
        leafHash: fromBase64(value.leafHash ?? ''),
        root: fromBase64(value.root ?? ''),
        path: hashes(value.proof),
      }),
    })),
    ...files<ConsistencyCase>('consistency').map(({ name, value }) => ({
      name,
      wanted: !value.wantErr,
      got: verifyConsistency({
        first: value.size1,
        second: value.size2,
        firstRoot: fromBase64(value.root1 ?? ''),
        secondRoot: fromBase64(value.root2 ?? ''),
        path: hashes(value.proof),
      }),
    })),
  ];

  it('gives the wanted verdict in 195 of 196 cases; the other has roots that are no hashes, and is refused', () => {
    expect(verdicts).toHaveLength(196);
    const differing = verdicts.filter(({ wanted, got }) => wanted !== got);
    expect(differing.map(({ name, wanted }) => [name, wanted])).toEqual([
      ['consistency/additional/sizes-are-equal-one-and-proof-is-empty.json', true],
    ]);
  });
});

interface EdwardsCase {
  number: number;
  key: string;
  sig: string;
  msg: string;
  flags: string[] | null;
}

describe.skipIf(skip('ed25519-edge-cases'))(title('ed25519-edge-cases'), () => {
  const cases = skip('ed25519-edge-cases') ? [] : (JSON.parse(read('ed25519-edge-cases/ed25519vectors.json')) as EdwardsCase[]);
  const verdicts = cases.map(({ number, key, sig, msg, flags }) => {
    const parts = [fromHex(key), utf8(msg), fromHex(sig)] as const;
    return {
      number,
      flags: flags ?? [],
      usable: isUsablePublicKey(parts[0]),
      node: node.ed25519Verify(...parts),
      browser: browser.ed25519Verify(...parts),
    };
  });

  it('has one verdict in Node and in browsers for each of the 914 signatures', () => {
    expect(verdicts).toHaveLength(914);
    expect(verdicts.filter((verdict) => verdict.node !== verdict.browser)).toEqual([]);
  });

  it('accepts the golden set', () => {
    const count = (test: (verdict: (typeof verdicts)[number]) => boolean) => verdicts.filter(test).length;
    expect({
      accepted: count((verdict) => verdict.node),
      acceptedFromUsableKeys: count((verdict) => verdict.node && verdict.usable),
      fromUsableKeys: count((verdict) => verdict.usable),
      acceptedFromNonCanonicalKeys: count((verdict) => verdict.node && verdict.flags.includes('non_canonical_A')),
    }).toEqual({ accepted: 43, acceptedFromUsableKeys: 1, fromUsableKeys: 28, acceptedFromNonCanonicalKeys: 0 });
  });

  it('refuses as owners all keys of low order, with a torsion part, or not canonical, and no other', () => {
    const bad = new Set(['low_order_A', 'low_order_component_A', 'non_canonical_A']);
    for (const { flags, usable } of verdicts) expect(usable).toBe(!flags.some((flag) => bad.has(flag)));
    const keys = new Map(cases.map(({ key }, at) => [key, verdicts[at]!.usable]));
    expect(keys.size).toBe(22);
    for (const [key, usable] of keys) {
      if (usable) expect(toHex(publicKeyFromDid(didFromPublicKey(fromHex(key))))).toBe(key);
      else expect(() => publicKeyFromDid(didFromPublicKey(fromHex(key)))).toThrow(expect.objectContaining({ code: 'DID_KEY' }));
    }
  });
});

describe.skipIf(skip('rfc8785-jcs'))(title('rfc8785-jcs'), () => {
  const names = skip('rfc8785-jcs') ? [] : readdirSync(join(FOLDER, 'rfc8785-jcs/output'));

  // RFC 8785 sorts members. We keep the writer's order, except for array indexes, which come first. Only the order
  // differs.
  const plain = ['arrays.json', 'french.json', 'unicode.json', 'values.json'];

  it('names the six published texts', () => {
    expect(names).toEqual(['arrays.json', 'french.json', 'structures.json', 'unicode.json', 'values.json', 'weird.json']);
  });

  it.each(names)('%s: values, numbers and strings are spelt the same', (name) => {
    const canonical = read('rfc8785-jcs/output', name);
    const value = JSON.parse(read('rfc8785-jcs/input', name)) as unknown;
    expect(JSON.stringify(sorted(value))).toBe(JSON.stringify(JSON.parse(canonical)));
    expect(parseCanonical(JSON.stringify(value), name, 10_000)).toEqual(value);
    if (plain.includes(name)) expect(parseCanonical(canonical, name, 10_000)).toEqual(value);
    else expect(() => parseCanonical(canonical, name, 10_000)).toThrow(/canonical/);
  });
});

/** Members in the order of RFC 8785, as far as a JavaScript object can keep it. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => [key, sorted(member)]),
  );
}

describe.skipIf(skip('eddsa-jcs-2022'))(title('eddsa-jcs-2022'), () => {
  it('has a signature that both implementations accept, and refuse when altered', () => {
    const did = /did:key:(\w+)#/.exec(read('eddsa-jcs-2022/proofConfigJCS.json'))![0].slice(0, -1);
    const publicKey = publicKeyFromDid(did);
    const message = fromHex(read('eddsa-jcs-2022/combinedHashJCS.txt').trim());
    const signature = fromHex(read('eddsa-jcs-2022/sigHexJCS.txt').trim());
    const hashes = ['proofCanonJCS.txt', 'canonDocJCS.txt'].map((name) =>
      toHex(node.sha256(utf8(read('eddsa-jcs-2022', name).trim()))),
    );
    expect(hashes.join('')).toBe(toHex(message));
    for (const { ed25519Verify } of [node, browser]) {
      expect(ed25519Verify(publicKey, message, signature)).toBe(true);
      expect(ed25519Verify(publicKey, message.with(0, message[0]! ^ 1), signature)).toBe(false);
    }
  });
});
