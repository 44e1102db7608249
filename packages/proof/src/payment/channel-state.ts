import type { ChannelState, Receipt } from '@tributary/schemas';
import { ProofError } from '../errors.ts';
import { bytes32Member, typeHash, typedDigest, uintMember, type Network, recoverDigest, signDigest } from './eip712.ts';
import { receiptHash } from './receipt.ts';

const STATE_TYPE = typeHash(
  'ChannelState(bytes32 channelId,uint128 deposit,uint64 sequence,uint128 chargedTotal,bytes32 receiptHash,bool closed,bytes32 nonce)',
);

export type ChannelStateFields = Omit<ChannelState, 'signature'>;

/**
 * EIP-712 digest of a channel's state.
 *
 * @internal exported for its tests
 */
export function channelStateDigest(state: ChannelStateFields, network: Network): Uint8Array {
  const members = [
    bytes32Member(state.channel),
    uintMember(128, BigInt(state.deposit)),
    uintMember(64, state.sequence),
    uintMember(128, BigInt(state.chargedTotal)),
    bytes32Member(state.receiptHash),
    uintMember(8, state.closed ? 1 : 0), // a bool is encoded as this number (EIP-712 encodeData)
    bytes32Member(state.nonce),
  ];
  return typedDigest(STATE_TYPE, members, network);
}

/** Signs the provider's state of a channel with its receipt key. */
export function signChannelState(fields: ChannelStateFields, network: Network, privateKey: Uint8Array): ChannelState {
  return { ...fields, signature: signDigest(channelStateDigest(fields, network), privateKey) };
}

/**
 * Checks that a provider's statement about a channel is signed, is about this channel, answers this very call, and
 * agrees with the receipt beside it.
 *
 * @throws ProofError CHANNEL_STATE
 */
export function checkChannelState(
  { state, receipt }: { readonly state: ChannelState; readonly receipt: Receipt | null },
  asked: { readonly channel: string; readonly nonce: string; readonly receiptSigner: string; readonly network: Network },
): ChannelState {
  const wrong = (what: string) => new ProofError('CHANNEL_STATE', `the provider's state of the channel ${what}`);
  if (state.channel !== asked.channel) throw wrong('is of another channel');
  if (state.nonce !== asked.nonce) throw wrong('answers another call');
  if (recoverDigest(channelStateDigest(state, asked.network), state.signature) !== asked.receiptSigner)
    throw wrong(`is not signed by ${asked.receiptSigner}`);
  if (BigInt(state.chargedTotal) > BigInt(state.deposit)) throw wrong('charges more than the deposit');
  if ((receipt === null) !== (state.sequence === 0)) throw wrong('has no receipt beside it, or one too many');
  if (receipt === null && state.chargedTotal !== '0') throw wrong('has charges and no receipt');
  if (receipt !== null && !agrees(state, receipt, asked.network)) throw wrong('contradicts the receipt beside it');
  return state;
}

function agrees(state: ChannelState, receipt: Receipt, network: Network): boolean {
  return (
    receipt.channel === state.channel &&
    receipt.sequence === state.sequence &&
    receipt.chargedTotal === state.chargedTotal &&
    receiptHash(receipt, network) === state.receiptHash
  );
}
