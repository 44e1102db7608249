import type { SignedStatement, WriteStatement } from '../../schemas/src/index.ts';
import { toBase64url, toHex } from '../../packages/proof/src/bytes.ts';
import { ed25519PublicKey } from '../../packages/proof/src/crypto/node.ts';
import { TAG_MANIFEST, TAG_WRITE } from '../../packages/proof/src/domains.ts';
import { didFromPublicKey, makeIndexId } from '../../packages/proof/src/identity.ts';
import { hashLeaf } from '../../packages/proof/src/merkle/hash.ts';
import { rootOf } from '../../packages/proof/src/merkle/proof.ts';
import { inclusionPath } from '../../packages/proof/src/testing/inclusion-path.ts';
import { deleteEntry, putEntry } from '../../packages/proof/src/record/leaf.ts';
import { signStatement } from '../../packages/proof/src/statements/sign.ts';
import { invalid, seedOf, valid, type VectorCase, type Vectors } from './case.ts';

const owner = ed25519PublicKey(seedOf(1));
const operations = [
  { kind: 'put', recordCommitment: toHex(seedOf(0x21)) },
  { kind: 'put', recordCommitment: toHex(seedOf(0x22)) },
  { kind: 'delete', recordCommitment: toHex(seedOf(0x23)) },
];
const leaves = [putEntry(seedOf(0x21)), putEntry(seedOf(0x22)), deleteEntry(seedOf(0x23))].map(hashLeaf);
const root = toHex(rootOf(leaves));

const first: WriteStatement = {
  v: 1,
  type: 'tributary/write',
  index: makeIndexId('bees', owner),
  sequence: 1,
  previous: '0'.repeat(64),
  root,
  size: operations.length,
  signer: didFromPublicKey(owner),
  custody: 'self',
  author: null,
};
const firstSigned = signStatement(TAG_WRITE, first, seedOf(1));
const second: WriteStatement = {
  ...first,
  sequence: 2,
  previous: firstSigned.hash,
  custody: 'provider',
  author: 'Ada Imker',
};

function sign(statement: object, seed = 1, tag = TAG_WRITE): SignedStatement {
  const { body, signature } = signStatement(tag, statement, seedOf(seed));
  return { body, signature };
}

function read(comment: string, statement: WriteStatement): VectorCase {
  const { body, signature, hash } = signStatement(TAG_WRITE, statement, seedOf(1));
  return valid('write', comment, { body, signature }, { statement, hash });
}

const shape = (comment: string, statement: object) => invalid('write', 'WRITE_SHAPE', comment, { ...sign(statement) });
const altered = (comment: string, from: string, to: string) =>
  invalid('write', 'WRITE_SHAPE', comment, { ...sign(first), body: firstSigned.body.replace(from, to) });
const signature = (comment: string, input: SignedStatement) => invalid('write', 'WRITE_SIGNATURE', comment, { ...input });
const { body } = firstSigned;
const reversed = Object.fromEntries(Object.entries(first).reverse());
const lowOrder = didFromPublicKey(Uint8Array.of(1, ...new Uint8Array(31)));

export const write: Vectors = {
  valid: [
    valid('write-root', 'root over the entries of the operations', { operations }, { root, leafHashes: leaves.map(toHex) }),
    ...leaves.map((_, index) =>
      valid(
        'write-path',
        `operation ${index}`,
        { operations, index },
        { path: inclusionPath(leaves, index).map(toBase64url), root },
      ),
    ),
    read('the first write; secret key: 32 times 0x01', first),
    read('the second write, kept by the provider, with an author', second),
  ],
  invalid: [
    shape('an unknown member', { ...first, note: '' }),
    shape('another version', { ...first, v: 2 }),
    shape('another type', { ...first, type: 'tributary/manifest' }),
    shape('a member is missing', { ...first, author: undefined }),
    shape('members in another order', reversed),
    shape('sequence 0', { ...first, sequence: 0 }),
    shape('a first write with a previous hash', { ...first, previous: 'ab'.repeat(32) }),
    shape('a second write without a previous hash', { ...second, previous: first.previous }),
    shape('no operations', { ...first, size: 0 }),
    shape('more than 1,000 operations', { ...first, size: 1_001 }),
    shape('digest in upper case', { ...first, root: 'AB'.repeat(32) }),
    shape('index without a fingerprint', { ...first, index: 'bees' }),
    shape('signer of another key type', { ...first, signer: first.signer.replace('z6Mk', 'zQ3s') }),
    altered('white space', ',"type"', ', "type"'),
    altered('a number in another form', '"size":3', '"size":3.0'),
    altered('a member twice', '{"v":1', '{"v":1,"v":1'),
    altered('a byte after the end', 'null}', 'null}\n'),
    signature('body changed after signing', { ...sign(first), body: body.replace('"size":3', '"size":2') }),
    signature('signed by another key', sign(first, 2)),
    signature('signed for another meaning', sign(first, 1, TAG_MANIFEST)),
    signature('signature padded', { body, signature: `${firstSigned.signature}=` }),
    signature('signature of zeros', { body, signature: toBase64url(new Uint8Array(64)) }),
    signature('a signer of low order, for whom these bytes would pass a careless check', {
      body: JSON.stringify({ ...first, signer: lowOrder }),
      signature: toBase64url(Uint8Array.of(1, ...new Uint8Array(63))),
    }),
  ],
};
