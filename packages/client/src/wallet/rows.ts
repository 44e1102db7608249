import {
  amount,
  channelTerms,
  checkShape,
  count,
  did,
  address,
  hash,
  offer,
  signedIdentity,
  signedOffer,
  ticket as ticketSchema,
  voucher as voucherSchema,
} from '@tributary/schemas';
import { z } from 'zod';
import { ClientError } from '../errors.ts';
import { newChannel, unsettled, type OpenTicket, type WalletChannel } from './channel.ts';
import { checkAmounts, checkTicket } from './check-rows.ts';
import type { RowChange, WalletDatabase } from './database.ts';
import type { Provider, ProviderTotals, TicketOrigin } from './wallet.ts';

const units = amount.transform(BigInt);
const sum = z.strictObject({ count, amount: units });
const provider = z.strictObject({ did, receiptSigner: address });
const chained = { hash, total: units };
const channelRowSchema = z.strictObject({
  provider,
  terms: channelTerms,
  network: offer.shape.network,
  deposit: units,
  asked: units,
  signed: units,
  acked: units,
  ackedReceipt: hash,
  chain: z.strictObject({ sequence: count, ...chained }),
  early: z.array(z.tuple([count, z.strictObject({ previous: hash, charge: units, ...chained })])),
  missing: z.strictObject({ count, charge: units }),
  undelivered: z.array(z.tuple([z.string(), units])),
  lost: z.boolean(),
});
const tallyRowSchema = provider.extend({ available: units, charged: units, spent: units, unanswered: sum, lost: sum });
const dayRowSchema = z.strictObject({ day: z.string(), signed: units, spent: units });
const questionKey = z.strictObject({ name: z.string(), question: hash });
const question = z.strictObject({ nonce: z.string(), body: z.string(), key: questionKey.nullable() });
const ticketRowSchema = z.strictObject({ ticket: ticketSchema, voucher: voucherSchema, question: question.nullable() });
const statementsSchema = z.strictObject({ offer: signedOffer, identity: signedIdentity });

/** The totals with one provider that are not part of its open channels. */
export interface Tally extends Omit<ProviderTotals, 'channels' | 'locked' | 'unspent'> {
  /** Charged in closed channels. */
  charged: bigint;
}
/** Booked on one day (UTC). */
export interface Day {
  day: string;
  signed: bigint;
  spent: bigint;
}
export interface WalletRows {
  channels: WalletChannel[];
  tallies: Tally[];
  day: Day;
  /** Removes the statements that no open ticket needs. */
  forgotten: RowChange[];
}

export const partyOf = ({ did: owner, receiptSigner }: Provider): string => `${owner} ${receiptSigner}`;

const put = (key: string, value: unknown): RowChange => ({ type: 'put', key, value: JSON.stringify(value) });
/** Amounts as text. The text is made when the row is written, so only the last of a group costs anything. */
const putSums = (key: string, sums: () => unknown): RowChange => ({
  type: 'put',
  key,
  get value() {
    return JSON.stringify(sums(), (_, member: unknown) => (typeof member === 'bigint' ? String(member) : member));
  },
});
const gone = (key: string): RowChange => ({ type: 'del', key });

export const channelRow = (state: WalletChannel): RowChange => putSums(`channel/${state.channel}`, () => sumsOf(state));
function sumsOf(state: WalletChannel) {
  const { provider: party, terms, network, deposit, asked, signed, acked, ackedReceipt, chain, missing, lost } = state;
  const early = [...state.early];
  const undelivered = [...state.undelivered].map(([id, { charge }]) => [id, charge]);
  const sums = { deposit, asked, signed, acked, ackedReceipt, chain, early, missing, undelivered, lost };
  return { provider: party, terms, network, ...sums };
}
export function ticketRow(state: WalletChannel, id: string): RowChange {
  const { ticket, voucher, origin } = unsettled(state, id)!;
  const asked = origin && { nonce: origin.nonce, body: origin.body, key: origin.key ?? null };
  return put(`ticket/${state.channel}/${id}`, { ticket, voucher, question: asked ?? null });
}
/**
 * Statements are many times as long as a ticket and the same for all tickets of an offer, so they have a row of their
 * own.
 */
export const statementsRow = (offerHash: string, origin: TicketOrigin): RowChange =>
  put(`statements/${offerHash}`, { offer: origin.offer, identity: origin.identity });
export const tallyRow = (tally: Tally): RowChange => putSums(`tally/${partyOf(tally)}`, () => tally);
export const dayRow = (day: Day): RowChange => putSums('day', () => day);
export const channelGone = (channel: string): RowChange => gone(`channel/${channel}`);
export const ticketGone = (channel: string, id: string): RowChange => gone(`ticket/${channel}/${id}`);

/**
 * Reads all rows. Rows that are only partly understood must not be used, because they could sign less or more than was
 * promised.
 *
 * @param name name of the wallet in error messages, for example its folder
 * @throws ClientError WALLET_DAMAGED
 */
export async function loadRows(db: WalletDatabase, name: string): Promise<WalletRows> {
  try {
    return readRows(await db.load());
  } catch (cause) {
    await db.close();
    const what = cause instanceof Error ? cause.message : String(cause);
    throw new ClientError('WALLET_DAMAGED', `the wallet in ${name} holds a row that cannot be read: ${what}; restore a backup`, {
      cause,
    });
  }
}

function readRows(rows: [key: string, value: string][]): WalletRows {
  const under = <Row extends z.ZodType>(prefix: string, schema: Row): [string, z.output<Row>][] =>
    rows
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, value]) => [key.slice(prefix.length), checkShape(schema, JSON.parse(value), `wallet ${key}`)]);
  const channels = new Map(under('channel/', channelRowSchema).map(([id, row]) => [id, channelOf(id, row)] as const));
  const statements = new Map(under('statements/', statementsSchema));
  const unneeded = new Set(statements.keys());
  for (const [, { ticket, voucher, question: asked }] of under('ticket/', ticketRowSchema)) {
    const stated = statements.get(ticket.offer);
    unneeded.delete(ticket.offer);
    const channel = channels.get(ticket.channel);
    if (channel) addTicket(channel, { ticket, voucher, origin: asked && stated ? originOf(asked, stated) : undefined });
  }
  return {
    channels: [...channels.values()].map(({ state }) => state),
    tallies: under('tally/', tallyRowSchema).map(([, row]) => row),
    day: under('day', dayRowSchema)[0]?.[1] ?? { day: '', signed: 0n, spent: 0n },
    forgotten: [...unneeded].map((offerHash) => gone(`statements/${offerHash}`)),
  };
}

/**
 * The last receipts may have been lost with the process, and the rows may be from an old copy. So the provider is asked
 * before more is signed.
 */
function channelOf(channel: string, { early, undelivered, ...row }: z.output<typeof channelRowSchema>): LoadedChannel {
  const state = { ...newChannel({ channel, ...row }), ...row, early: new Map(early), inDoubt: row.deposit > 0n };
  checkAmounts(state);
  return { state, booked: new Map(undelivered) };
}

const originOf = ({ key, ...asked }: z.output<typeof question>, stated: z.output<typeof statementsSchema>): TicketOrigin => ({
  ...asked,
  ...stated,
  ...(key ? { key } : {}),
});

/** A channel, and the booked charges of tickets. Those without a row were delivered. */
interface LoadedChannel {
  state: WalletChannel;
  booked: Map<string, bigint>;
}

/** Whoever waited for the answer ended with the process. */
function addTicket(
  { state, booked }: LoadedChannel,
  { ticket, voucher, origin }: Required<Pick<OpenTicket, 'ticket' | 'voucher'>> & { origin: TicketOrigin | undefined },
): void {
  checkTicket(state, ticket, voucher);
  const lost = { ticket, voucher, maxCharge: BigInt(ticket.maxCharge), lost: true, ...(origin ? { origin } : {}) };
  const charge = booked.get(ticket.id);
  if (charge === undefined) state.open.set(ticket.id, lost);
  else state.undelivered.set(ticket.id, { ...lost, charge });
}
