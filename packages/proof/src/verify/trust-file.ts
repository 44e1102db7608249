import { checkShape, isTributaryError, trust as trustShape, type Trust } from '@tributary/schemas';
import { ProofError } from '../errors.ts';
import { publicKeyFromDid } from '../identity.ts';
import { NOTE_COSIGNATURE, parseVkey } from '../note/vkey.ts';

const ADDRESS = /^0x[0-9a-f]{40}$/;

/**
 * Reads a trust file (docs/spec/bundle.md), which people edit by hand: any white space, but no unknown members and no malformed keys.
 *
 * @throws ProofError TRUST_FILE; the message names the entry
 */
export function parseTrust(text: string): Trust {
  try {
    const trust = checkShape(trustShape, JSON.parse(text), 'trust file');
    for (const did of [...trust.signers, ...trust.logs]) publicKeyFromDid(did);
    for (const payee of trust.payees)
      if (!ADDRESS.test(payee)) throw bad(`${payee} is not an address of 0x and 40 lower-case hex digits`);
    for (const key of trust.witnesses) if (parseVkey(key).type !== NOTE_COSIGNATURE) throw bad(`${key} is not a witness's key`);
    if (trust.quorum > new Set(trust.witnesses).size) throw bad(`a quorum of ${trust.quorum} needs as many witnesses`);
    return trust;
  } catch (cause) {
    if (cause instanceof SyntaxError) throw bad(`not JSON: ${cause.message}`);
    if (!isTributaryError(cause) || cause.code === 'TRUST_FILE') throw cause;
    throw bad(cause.message, cause);
  }
}

function bad(why: string, cause?: unknown): ProofError {
  return new ProofError('TRUST_FILE', `trust file: ${why}`, { cause });
}
