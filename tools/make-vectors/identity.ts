import type { ProviderIdentity, SignedIdentity } from '../../schemas/src/index.ts';
import { fromHex, toHex, utf8 } from '../../packages/proof/src/bytes.ts';
import { ed25519PublicKey, ed25519Sign, secp256k1PublicKey } from '../../packages/proof/src/crypto/node.ts';
import { TAG_IDENTITY, TAG_WRITE } from '../../packages/proof/src/domains.ts';
import {
  addressFromPublicKey,
  didFromPublicKey,
  fingerprint,
  logOrigin,
  makeIndexId,
} from '../../packages/proof/src/identity.ts';
import { formatVkey, NOTE_ED25519 } from '../../packages/proof/src/note/vkey.ts';
import { signDigest } from '../../packages/proof/src/payment/eip712.ts';
import { identityDigest, signIdentity } from '../../packages/proof/src/statements/identity.ts';
import { signStatement } from '../../packages/proof/src/statements/sign.ts';
import { invalid, seedOf, TIME_MS, valid, type VectorCase, type Vectors } from './case.ts';

function owner(byte: number): VectorCase {
  const publicKey = ed25519PublicKey(seedOf(byte));
  const index = makeIndexId('bees', publicKey);
  const name = logOrigin(index);
  return valid(
    'owner',
    `an owner; secret key: 32 times 0x0${byte}`,
    { seed: toHex(seedOf(byte)), name: 'bees' },
    {
      publicKey: toHex(publicKey),
      did: didFromPublicKey(publicKey),
      fingerprint: fingerprint(publicKey),
      index,
      origin: name,
      vkey: formatVkey({ name, publicKey, type: NOTE_ED25519 }),
    },
  );
}

function address(byte: number): VectorCase {
  const publicKey = secp256k1PublicKey(seedOf(byte));
  const input = { privateKey: toHex(seedOf(byte)) };
  return valid('address', 'a receipt signer', input, { publicKey: toHex(publicKey), address: addressFromPublicKey(publicKey) });
}

const did = didFromPublicKey(ed25519PublicKey(seedOf(1)));
const statement: ProviderIdentity = {
  v: 1,
  type: 'tributary/identity',
  did,
  peerId: '12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5',
  receiptSigner: addressFromPublicKey(secp256k1PublicKey(seedOf(3))),
  payee: addressFromPublicKey(secp256k1PublicKey(seedOf(4))),
  sequence: 2,
  issued: TIME_MS,
  expiry: TIME_MS + 2_592_000_000,
};
const { signed, hash } = signIdentity(statement, { owner: seedOf(1), payee: seedOf(4) });

/** Countersigned by the payee of `statement`, so that only the owner's signature or the text is wrong. */
function sign(value: object, seed = 1, tag = TAG_IDENTITY): SignedIdentity {
  const { body, signature, hash: valueHash } = signStatement(tag, value, seedOf(seed));
  return { body, signature, payeeSignature: signDigest(identityDigest(valueHash, statement), seedOf(4)) };
}

const wrong = (comment: string, input: SignedIdentity) => invalid('identity', 'IDENTITY_SIGNATURE', comment, { ...input });
const key = (comment: string, hex: string) =>
  invalid('did', 'DID_KEY', `${comment}: ${hex}`, { did: didFromPublicKey(fromHex(hex)) });

// Made by hand with the secret scalar of the first owner. Only a malicious signer can make this, and verifiers disagree
// about it.
const message = toHex(utf8('tributary'));
const publicKey = toHex(ed25519PublicKey(seedOf(1)));
const honest = toHex(ed25519Sign(seedOf(1), utf8('tributary')));
const refused = (comment: string, signature: string) =>
  invalid('ed25519-verify', 'IDENTITY_SIGNATURE', comment, { publicKey, message, signature });
const signatures = [
  refused('another signature', `${honest.slice(0, -2)}00`),
  refused('S plus the group order', `${honest.slice(0, 64)}c0b98ffb3a54b3d65a57e71647eb525410bd43797af2fc4b6f1608733975851f`),
  refused(
    'R of low order, with a good equation',
    '0100000000000000000000000000000000000000000000000000000000000000f5e72b31a2758a24b14ce43bfee73532b05f14e1a74b05838206832bb5214104',
  ),
  refused(
    'R with a torsion part: good only for verifiers that multiply by the cofactor',
    '47e79d7d890b1d8ecf7619bc80f191dd8db211b4f53beab49cdfb5a5ab2e5b840648793ca804d055062a4e5f0c540bb370aa2dde944bc5a073dfe46b2a148606',
  ),
  refused('63 bytes', honest.slice(2)),
];

export const identity: Vectors = {
  valid: [
    owner(1),
    owner(2),
    address(3),
    address(4),
    valid('ed25519-verify', 'an honest signature', { publicKey, message, signature: honest }, { valid: true }),
    valid(
      'identity',
      'a provider; secret keys of the did: 32 times 0x01, of the payee: 32 times 0x04',
      { ...signed },
      { identity: statement, hash },
    ),
  ],
  invalid: [
    ...signatures,
    key('the neutral element', `01${'00'.repeat(31)}`),
    key('a point of order 8', 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a'),
    key('the first owner plus a point of order 8', '9ea3f11f5bd34f0cd7147fd0a436c088f624c6100c1df6a53c0a29e05d60cea0'),
    key('y = p, not canonical', `ed${'ff'.repeat(30)}7f`),
    key('the neutral element with its sign bit set', `01${'00'.repeat(30)}80`),
    key('not on the curve', `02${'00'.repeat(31)}`),
    invalid('did', 'DID_KEY', 'one digit short', { did: did.slice(0, -1) }),
    invalid('did', 'DID_KEY', 'a digit that base58 does not have', { did: `${did.slice(0, -1)}0` }),
    invalid('did', 'DID_KEY', 'another method', { did: did.replace('did:key:', 'did:web:') }),
    invalid('did', 'DID_KEY', 'with a fragment', { did: `${did}#${did.slice(8)}` }),
    wrong('signed by another key', sign(statement, 2)),
    wrong('signed for another meaning', sign(statement, 1, TAG_WRITE)),
    wrong('changed after signing', { ...sign(statement), body: signed.body.replace('"sequence":2', '"sequence":3') }),
    wrong('not countersigned by the payee', signIdentity(statement, { owner: seedOf(1), payee: seedOf(3) }).signed),
    wrong('countersigned for another identity', {
      ...sign(statement),
      payeeSignature: sign({ ...statement, sequence: 1 }).payeeSignature,
    }),
    wrong('an unknown member', sign({ ...statement, url: '' })),
    wrong('members in another order', sign(Object.fromEntries(Object.entries(statement).reverse()))),
    wrong(
      'an address in mixed case',
      sign({ ...statement, payee: statement.payee.replace(/[a-f]/, (digit) => digit.toUpperCase()) }),
    ),
    wrong('white space', { ...sign(statement), body: signed.body.replace(',', ', ') }),
  ],
};
