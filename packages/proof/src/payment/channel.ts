import type { ChannelTerms, OpenChannel } from '@tributary/schemas';
import { toHex } from '../bytes.ts';
import { addressMember, bytes32Member, typeHash, typedDigest, uintMember, type Network } from './eip712.ts';
import { recoverDigest, signDigest } from './signer.ts';

const CHANNEL_TYPE = typeHash(
  'Channel(address payer,address voucherSigner,address payee,address receiverAuthorizer,address token,uint40 withdrawDelay,bytes32 salt)',
);
const OPEN_TYPE = typeHash('OpenChannel(bytes32 channelId,uint128 deposit)');

/**
 * Id of a channel: the EIP-712 digest of its terms, as hex.
 *
 * @throws RangeError when withdrawDelay does not fit 40 bits
 */
export function channelId(terms: ChannelTerms, network: Network): string {
  const members = [
    addressMember(terms.payer),
    addressMember(terms.voucherSigner),
    addressMember(terms.payee),
    addressMember(terms.receiverAuthorizer),
    addressMember(terms.token),
    uintMember(40, terms.withdrawDelay),
    bytes32Member(terms.salt),
  ];
  return toHex(typedDigest(CHANNEL_TYPE, members, network));
}

/** What the payer signs to lock `deposit` (the total, not an increment) in the channel. */
export function openChannelDigest(channel: string, deposit: string, network: Network): Uint8Array {
  return typedDigest(OPEN_TYPE, [bytes32Member(channel), uintMember(128, BigInt(deposit))], network);
}

/** Opens a channel, or raises its deposit, with the payer's key. */
export function signOpenChannel(terms: ChannelTerms, deposit: string, network: Network, payerKey: Uint8Array): OpenChannel {
  const digest = openChannelDigest(channelId(terms, network), deposit, network);
  return { terms, deposit, signature: signDigest(digest, payerKey) };
}

/** Address that signed an opening; it must equal `terms.payer`. Null when the signature is malformed. */
export function recoverOpenChannel(open: OpenChannel, network: Network): string | null {
  return recoverDigest(openChannelDigest(channelId(open.terms, network), open.deposit, network), open.signature);
}
