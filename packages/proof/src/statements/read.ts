// Reading statements from outside: canonical JSON, shape, member order, the rules between members, then the signature.
import {
  manifest as manifestSchema,
  parseOrdered,
  providerIdentity,
  statementBytesMax,
  writeOperationsMax,
  writersStatement,
  writeStatement,
  type Manifest,
  type ProofErrorCode,
  type ProviderIdentity,
  type SignedIdentity,
  type SignedStatement,
  type WritersStatement,
  type WriteStatement,
} from '@tributary/schemas';
import type { z } from 'zod';
import { ed25519Verify, sha256Parts } from '#crypto';
import { concat, fromBase64url, toHex, utf8, ZERO_HASH } from '../bytes.ts';
import { TAG_IDENTITY, TAG_MANIFEST, TAG_WRITE, TAG_WRITERS } from '../domains.ts';
import { ProofError, refuseAs } from '../errors.ts';
import { publicKeyFromDid } from '../identity.ts';
import { EMPTY_ROOT } from '../merkle/hash.ts';
import { recoverDigest } from '../payment/eip712.ts';
import { identityDigest } from './identity.ts';
import { statementHash } from './sign.ts';

const EMPTY_ROOT_HEX = toHex(EMPTY_ROOT);

/** Reads a write statement and checks its signature. @throws ProofError WRITE_SHAPE or WRITE_SIGNATURE */
export function readWrite(signed: SignedStatement): { statement: WriteStatement; hash: string } {
  const statement = readBody(writeStatement, signed.body, 'write statement', 'WRITE_SHAPE');
  if ((statement.sequence === 1) !== (statement.previous === ZERO_HASH))
    throw new ProofError('WRITE_SHAPE', 'write statement: the first write, and no other, has a previous hash of zeros');
  if (statement.size > writeOperationsMax)
    throw new ProofError('WRITE_SHAPE', `write statement: ${statement.size} operations, at most ${writeOperationsMax}`);
  return { statement, hash: checkSignature(TAG_WRITE, signed, statement.signer, 'write statement', 'WRITE_SIGNATURE') };
}

/**
 * Reads a list of writers and checks the owner's signature (docs/spec/writers.md).
 *
 * @param owner did:key of the owner of the index
 * @throws ProofError WRITERS_SHAPE or WRITERS_SIGNATURE
 */
export function readWriters(signed: SignedStatement, owner: string): { statement: WritersStatement; hash: string } {
  const statement = readBody(writersStatement, signed.body, 'list of writers', 'WRITERS_SHAPE');
  const wrong = writersFault(statement, owner);
  if (wrong !== null) throw new ProofError('WRITERS_SHAPE', `list of writers: ${wrong}`);
  return { statement, hash: checkSignature(TAG_WRITERS, signed, owner, 'list of writers', 'WRITERS_SIGNATURE') };
}

function writersFault({ writers }: WritersStatement, owner: string): string | null {
  if (writers.some(({ writer }) => writer === owner)) return 'the owner needs no delegation';
  if (writers.some(({ from, until }) => until !== null && until < from)) return 'a delegation ends before it begins';
  const unordered = writers.some(({ from }, at) => at > 0 && from < writers[at - 1]!.from);
  return unordered ? 'a delegation begins before the one above it' : null;
}

/**
 * Reads a manifest. It has no signature, because the log proves it.
 *
 * @throws ProofError MANIFEST_SHAPE
 */
export function readManifest(body: string): { manifest: Manifest; hash: string } {
  const manifest = readBody(manifestSchema, body, 'manifest', 'MANIFEST_SHAPE');
  const wrong = manifestFault(manifest);
  if (wrong !== null) throw new ProofError('MANIFEST_SHAPE', `manifest: ${wrong}`);
  return { manifest, hash: statementHash(TAG_MANIFEST, body) };
}

function manifestFault({ sequence, previous, tree, live, write }: Manifest): string | null {
  if ((sequence === 0) !== (previous === ZERO_HASH)) return 'the first one, and no other, has a previous hash of zeros';
  if (sequence === 0 && (tree.size !== 0 || write.sequence !== 0)) return 'number 0 is that of the empty index';
  if ((write.sequence === 0) !== (write.hash === ZERO_HASH)) return 'a write hash of zeros goes with write sequence 0';
  if (tree.size === 0 && tree.root !== EMPTY_ROOT_HEX) return 'the root of an empty tree is SHA-256 of nothing';
  return live > tree.size ? 'more live records than slots' : null;
}

/**
 * Reads a provider's identity and checks the signatures of its owner and its payee, but not its dates. The payee's
 * signature shows that it agreed, so nobody can sell under somebody else's payee and into its channels.
 *
 * @throws ProofError IDENTITY_SIGNATURE
 */
export function readIdentity(signed: SignedIdentity): { identity: ProviderIdentity; hash: string } {
  const identity = readBody(providerIdentity, signed.body, 'identity', 'IDENTITY_SIGNATURE');
  const hash = checkSignature(TAG_IDENTITY, signed, identity.did, 'identity', 'IDENTITY_SIGNATURE');
  if (recoverDigest(identityDigest(hash, identity), signed.payeeSignature) !== identity.payee)
    throw new ProofError('IDENTITY_SIGNATURE', `identity: the payee ${identity.payee} has not countersigned it`);
  return { identity, hash };
}

function readBody<T extends z.ZodType>(schema: T, body: string, what: string, code: ProofErrorCode): z.output<T> {
  return refuseAs(code, () => parseOrdered(schema, body, what, statementBytesMax));
}

/** Checks the Ed25519 signature over `tag ‖ body`; returns the statement's hash. */
function checkSignature(
  tag: Uint8Array,
  signed: Pick<SignedStatement, 'body' | 'signature'>,
  did: string,
  what: string,
  code: ProofErrorCode,
): string {
  const preimage = concat(tag, utf8(signed.body));
  const valid = refuseAs(code, () => ed25519Verify(publicKeyFromDid(did), preimage, fromBase64url(signed.signature)));
  if (!valid) throw new ProofError(code, `${what}: the signature is not by ${did}`);
  return toHex(sha256Parts(preimage));
}
