import { signAboutChannel, signOpenChannel, signVoucher, ticketHash } from '@tributary/proof/payment';
import { secp256k1PublicKey, toHex } from '@tributary/proof/primitives';
import { addressFromPublicKey } from '@tributary/proof/statements';
import type { AboutChannel, OpenChannel, Ticket, Voucher } from '@tributary/schemas';
import type { WalletChannel } from './channel.ts';

/** Signs for one payer and voucher signer. Nothing else in the wallet holds the private keys. */
export interface Signer {
  /** Of the payer. */
  readonly address: string;
  /** Address that signs vouchers. */
  readonly voucherSigner: string;
  /** The salt of a new channel: 32 bytes, hex. */
  salt(): string;
  voucher(channel: WalletChannel, ticket: Ticket, cumulative: string): Voucher & { channel: string; ctx: string };
  /** A signed request for a channel with `deposit` locked in total. */
  opening(channel: WalletChannel, deposit: bigint): OpenChannel;
  about(method: 'channelState' | 'closeChannel', channel: WalletChannel): { about: AboutChannel; nonce: string };
}

/**
 * @param privateKey of the payer; secp256k1, 32 bytes
 * @param voucherKey of the voucher signer; the payer's when left out
 */
export function createSigner(
  privateKey: Uint8Array,
  randomBytes: (length: number) => Uint8Array,
  voucherKey = privateKey,
): Signer {
  const random = () => toHex(randomBytes(32));
  return {
    address: addressFromPublicKey(secp256k1PublicKey(privateKey)),
    voucherSigner: addressFromPublicKey(secp256k1PublicKey(voucherKey)),
    salt: random,
    voucher: ({ channel, network }, ticket, cumulative) => {
      const fields = { channel, cumulative, ctx: ticketHash(ticket) };
      return { ...fields, signature: signVoucher(fields, network, voucherKey) };
    },
    opening: ({ terms, network }, deposit) =>
      signOpenChannel(terms, { deposit: String(deposit), nonce: random() }, network, privateKey),
    about: (method, { channel, network }) => {
      const nonce = random();
      return { about: signAboutChannel(method, { channel, nonce }, network, privateKey), nonce };
    },
  };
}
