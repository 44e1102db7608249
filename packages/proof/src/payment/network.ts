import { sha256 } from '#crypto';
import { concat, toHex, utf8 } from '../bytes.ts';
import type { Network } from './eip712.ts';

const TAG_LEDGER = utf8('tributary/ledger/v1\n');

/**
 * The embedded ledger of a provider as an EIP-712 domain: chain 0 and a contract address that nobody controls, derived
 * from the owner, so that a voucher for one ledger is worthless on another.
 */
export function networkOf(ownerDid: string): Network {
  const contract = sha256(concat(TAG_LEDGER, utf8(ownerDid))).subarray(12);
  return { id: `tributary:${ownerDid}`, chainId: 0, verifyingContract: `0x${toHex(contract)}` };
}
