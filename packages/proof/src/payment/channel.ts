import type { AboutChannel, ChannelTerms, OpenChannel } from '@tributary/schemas';
import { toHex } from '../bytes.ts';
import { createLru } from '../lru.ts';
import {
  addressMember,
  bytes32Member,
  typeHash,
  typedDigest,
  uintMember,
  type Network,
  recoverDigest,
  signDigest,
} from './eip712.ts';
import { channelIdsCachedMax } from './limits.ts';

const CHANNEL_TYPE = typeHash('Channel(address payer,address voucherSigner,address payee,bytes32 salt)');
const OPEN_TYPE = typeHash('OpenChannel(bytes32 channelId,uint128 deposit)');
/**
 * What a payer may ask about an open channel. Each has its own type, so that a signature for one is never valid for
 * another.
 */
const ABOUT_TYPES = {
  channelState: typeHash('ReadChannel(bytes32 channelId,bytes32 nonce)'),
  closeChannel: typeHash('CloseChannel(bytes32 channelId,bytes32 nonce)'),
};

const ids = createLru<string, string>(channelIdsCachedMax);

/** Id of a channel: the EIP-712 digest of its terms, as hex. */
export function channelId({ payer, voucherSigner, payee, salt }: ChannelTerms, network: Network): string {
  const key = JSON.stringify([payer, voucherSigner, payee, salt, network.chainId, network.verifyingContract]);
  const known = ids.get(key);
  if (known !== undefined) return known;
  const members = [addressMember(payer), addressMember(voucherSigner), addressMember(payee), bytes32Member(salt)];
  const id = toHex(typedDigest(CHANNEL_TYPE, members, network));
  ids.set(key, id);
  return id;
}

/**
 * What the payer signs to lock `deposit` (the total, not an increment) in the channel.
 *
 * @internal exported for its tests
 */
export function openChannelDigest(channel: string, deposit: string, network: Network): Uint8Array {
  return typedDigest(OPEN_TYPE, [bytes32Member(channel), uintMember(128, BigInt(deposit))], network);
}

/** Opens a channel, or raises its deposit, with the payer's key. The nonce is not signed: the reply repeats it. */
export function signOpenChannel(
  terms: ChannelTerms,
  { deposit, nonce }: Pick<OpenChannel, 'deposit' | 'nonce'>,
  network: Network,
  payerKey: Uint8Array,
): OpenChannel {
  const digest = openChannelDigest(channelId(terms, network), deposit, network);
  return { terms, deposit, signature: signDigest(digest, payerKey), nonce };
}

/** Address that signed an opening; it must equal `terms.payer`. Null when the signature is malformed. */
export function recoverOpenChannel(open: OpenChannel, network: Network): string | null {
  return recoverDigest(openChannelDigest(channelId(open.terms, network), open.deposit, network), open.signature);
}

/**
 * What the payer signs to read a channel's state or to close it.
 *
 * @internal exported for its tests
 */
export function aboutChannelDigest(
  method: keyof typeof ABOUT_TYPES,
  { channel, nonce }: Pick<AboutChannel, 'channel' | 'nonce'>,
  network: Network,
): Uint8Array {
  return typedDigest(ABOUT_TYPES[method], [bytes32Member(channel), bytes32Member(nonce)], network);
}

/** Signs a request for a channel's state, or for closing it, with the payer's key. */
export function signAboutChannel(
  method: keyof typeof ABOUT_TYPES,
  about: Pick<AboutChannel, 'channel' | 'nonce'>,
  network: Network,
  payerKey: Uint8Array,
): AboutChannel {
  return {
    channel: about.channel,
    nonce: about.nonce,
    signature: signDigest(aboutChannelDigest(method, about, network), payerKey),
  };
}

/** Address that signed the request; it must equal the channel's payer. Null when the signature is malformed. */
export function recoverAboutChannel(method: keyof typeof ABOUT_TYPES, about: AboutChannel, network: Network): string | null {
  return recoverDigest(aboutChannelDigest(method, about, network), about.signature);
}
