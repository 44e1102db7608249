import { type Network } from '@tributary/proof/payment';
import { fromHex, fromUtf8, secp256k1Recover, secp256k1Sign, sha256Parts, toHex, utf8 } from '@tributary/proof/primitives';
import { addressFromPublicKey } from '@tributary/proof/statements';
import {
  address,
  amount,
  channelTerms,
  checkShape,
  count,
  hash,
  heldVoucher,
  isTributaryError,
  saleName,
  timeMs,
} from '@tributary/schemas';
import { z } from 'zod';
import { createBalances, earnedKey, type Balances } from './balances.ts';

const TAG_CHECKPOINT = utf8('tributary/ledger-checkpoint/v1\n');
const SIGNATURE_DIGITS = 130;

/** The balances after one entry (docs/spec/ledger.md, checkpoints). Members are written in this order. */
const checkpointBody = z.strictObject({
  v: z.literal(1),
  type: z.literal('tributary/ledger-checkpoint'),
  /** Id of the network, so that the balances of another ledger are refused. */
  network: z.string().max(256),
  entry: count.min(1),
  hash,
  at: timeMs,
  accounts: z.array(z.strictObject({ payer: address, granted: amount, available: amount, locked: amount, spent: amount })),
  channels: z.array(
    z.strictObject({
      channel: hash,
      terms: channelTerms,
      deposit: amount,
      charged: amount,
      sequence: count,
      receiptHash: hash,
      voucher: heldVoucher.nullable(),
      closed: z.boolean(),
    }),
  ),
  earned: z.array(z.strictObject({ day: z.string().max(16), index: saleName, answers: count, charged: amount })),
});
type CheckpointBody = z.output<typeof checkpointBody>;

/** The end of the chain. */
export interface Tip {
  readonly entry: number;
  readonly hash: Uint8Array;
}

export interface Checkpoint {
  readonly tip: Tip;
  readonly balances: Balances;
}

/** Text of the balances at a tip. Two texts are equal if and only if the balances are equal. */
export function writeBalances({ tip, balances }: Checkpoint, atMs: number): string {
  const text = (value: bigint): string => String(value);
  const body: CheckpointBody = {
    v: 1,
    type: 'tributary/ledger-checkpoint',
    network: balances.network.id,
    entry: tip.entry,
    hash: toHex(tip.hash),
    at: atMs,
    accounts: Array.from(balances.accounts, ([payer, { granted, available, locked, spent }]) => ({
      payer,
      granted: text(granted),
      available: text(available),
      locked: text(locked),
      spent: text(spent),
    })),
    channels: Array.from(
      balances.channels.values(),
      ({ id, terms, deposit, charged, sequence, receiptHash, voucher, closed }) => ({
        channel: id,
        terms,
        deposit: text(deposit),
        charged: text(charged),
        sequence,
        receiptHash,
        voucher,
        closed,
      }),
    ),
    earned: Array.from(balances.earned.values(), ({ day, index, answers, charged }) => ({
      day,
      index,
      answers,
      charged: text(charged),
    })),
  };
  return JSON.stringify(body);
}

/** The file: signature in hex, line feed, body. */
export function signCheckpoint(body: string, privateKey: Uint8Array): Uint8Array {
  const { signature } = secp256k1Sign(privateKey, sha256Parts(TAG_CHECKPOINT, utf8(body)));
  return utf8(`${toHex(signature)}\n${body}`);
}

/**
 * Reads a checkpoint file.
 *
 * @returns the reason when this ledger's key did not sign it for this network
 */
export function readCheckpoint(bytes: Uint8Array, network: Network, signer: string): Checkpoint | string {
  const head = Buffer.from(bytes.subarray(0, SIGNATURE_DIGITS)).toString('latin1');
  if (!/^[0-9a-f]{130}$/.test(head) || bytes[SIGNATURE_DIGITS] !== 0x0a) return 'it does not begin with a signature';
  const body = bytes.subarray(SIGNATURE_DIGITS + 1);
  const publicKey = secp256k1Recover(sha256Parts(TAG_CHECKPOINT, body), fromHex(head));
  if (publicKey === null || addressFromPublicKey(publicKey) !== signer) return `it is not signed by ${signer}`;
  try {
    const read = checkShape(checkpointBody, JSON.parse(fromUtf8(body)), 'ledger checkpoint');
    if (read.network !== network.id) return `it is of ${read.network}`;
    return { tip: { entry: read.entry, hash: fromHex(read.hash) }, balances: balancesOf(read, network) };
  } catch (error) {
    if (isTributaryError(error) || error instanceof SyntaxError) return 'it has another form than this version writes';
    throw error;
  }
}

function balancesOf({ accounts, channels, earned }: CheckpointBody, network: Network): Balances {
  const balances = createBalances(network);
  for (const { payer, granted, available, locked, spent } of accounts) {
    balances.accounts.set(payer, {
      granted: BigInt(granted),
      available: BigInt(available),
      locked: BigInt(locked),
      spent: BigInt(spent),
    });
  }
  for (const { channel: id, terms, deposit, charged, sequence, receiptHash, voucher, closed } of channels) {
    const best = BigInt(voucher?.cumulative ?? 0);
    const amounts = { deposit: BigInt(deposit), charged: BigInt(charged), best };
    balances.channels.set(id, { id, terms, ...amounts, sequence, receiptHash, voucher, closed });
    if (!closed) balances.openOf.set(terms.payer, (balances.openOf.get(terms.payer) ?? 0) + 1);
  }
  for (const { day, index, answers, charged } of earned) {
    balances.earned.set(earnedKey(day, index), { day, index, answers, charged: BigInt(charged) });
  }
  return balances;
}
