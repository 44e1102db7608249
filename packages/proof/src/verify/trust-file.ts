import { checkShape, isTributaryError, parseJson, trust as trustShape, type Trust } from '@tributary/schemas';
import { toHex } from '../bytes.ts';
import { ProofError } from '../errors.ts';
import { publicKeyFromDid } from '../identity.ts';
import { NOTE_COSIGNATURE, parseVkey } from '../note/vkey.ts';
import { trustBytesMax } from './limits.ts';

const ADDRESS = /^0x[0-9a-f]{40}$/;

/**
 * Reads a trust file (docs/spec/bundle.md), which people edit by hand: JSON in any spelling, but no unknown or repeated
 * members, no malformed or repeated keys, and no quorum that its witnesses cannot reach.
 *
 * @throws ProofError TRUST_FILE; the message names the entry
 */
export function parseTrust(text: string): Trust {
  try {
    const trust = checkShape(trustShape, parseJson(text, 'trust file', trustBytesMax), 'trust file');
    for (const did of [...trust.signers, ...trust.logs]) publicKeyFromDid(did);
    for (const payee of trust.payees)
      if (!ADDRESS.test(payee)) throw bad(`${payee} is not an address of 0x and 40 lower-case hex digits`);
    for (const key of trust.witnesses) if (parseVkey(key).type !== NOTE_COSIGNATURE) throw bad(`${key} is not a witness's key`);
    for (const list of LISTS) refuseRepeats(list, trust[list]);
    // One key with two names is one witness.
    const distinct = new Set(trust.witnesses.map((key) => toHex(parseVkey(key).publicKey))).size;
    if (trust.quorum > distinct) throw bad(`a quorum of ${trust.quorum} cannot be met by ${distinct} distinct witnesses`);
    return trust;
  } catch (cause) {
    if (!isTributaryError(cause) || cause.code === 'TRUST_FILE') throw cause;
    throw bad(cause.message, cause);
  }
}

const LISTS = ['signers', 'logs', 'payees', 'witnesses'] as const;

function refuseRepeats(list: string, entries: readonly string[]): void {
  const seen = new Set<string>();
  for (const entry of entries) {
    if (seen.has(entry)) throw bad(`${list} names ${entry} twice`);
    seen.add(entry);
  }
}

function bad(why: string, cause?: unknown): ProofError {
  return new ProofError('TRUST_FILE', `trust file: ${why}`, { cause });
}
