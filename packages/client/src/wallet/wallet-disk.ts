import { checkShape, channelTerms, offer, signedIdentity, signedOffer, ticket as ticketSchema } from '@tributary/schemas';
import { z } from 'zod';
import { ClientError } from '../errors.ts';
import { newChannelState, type ChannelState, type OpenTicket } from './channel-state.ts';
import type { RowChange, WalletDatabase } from './database.ts';
import { createGroupWriter, type GroupWriter } from './group-writer.ts';
import type { LinkClock } from '../link/types.ts';
import type { TicketOrigin } from './wallet.ts';

/** Where the wallet's books lie. */
export interface WalletDisk {
  load(): Promise<{ channels: ChannelState[]; spent: { day: string; amount: bigint } }>;
  /** Resolves when the operations survive a kill of this process; with `sync`, a power cut as well. */
  write: GroupWriter<RowChange>['write'];
  writeSoon: GroupWriter<RowChange>['writeSoon'];
  caughtUp: GroupWriter<RowChange>['caughtUp'];
  close(): Promise<void>;
}

export const channelRow = (state: ChannelState): RowChange => ({
  type: 'put',
  key: `channel/${state.channel}`,
  value: JSON.stringify({
    terms: state.terms,
    network: state.network,
    deposit: String(state.deposit),
    signed: String(state.signed),
    acked: String(state.acked),
    ackedReceipt: state.ackedReceipt,
    chain: { ...state.chain, total: String(state.chain.total) },
    early: [...state.early].map(([sequence, row]) => [
      sequence,
      { ...row, charge: String(row.charge), total: String(row.total) },
    ]),
  }),
});
export const ticketRow = (state: ChannelState, id: string): RowChange => ({
  type: 'put',
  key: `ticket/${state.channel}/${id}`,
  value: JSON.stringify(openRow(state.open.get(id))),
});
/** Statements are many times as long as a ticket and the same for all tickets of an offer: they have a row of their own. */
export const statementsRow = (offerHash: string, { offer, identity }: TicketOrigin): RowChange => ({
  type: 'put',
  key: `statements/${offerHash}`,
  value: JSON.stringify({ offer, identity }),
});
export const channelGone = (channel: string): RowChange => ({ type: 'del', key: `channel/${channel}` });
export const ticketGone = (channel: string, id: string): RowChange => ({ type: 'del', key: `ticket/${channel}/${id}` });
export const spentRow = (day: string, amount: bigint): RowChange => ({
  type: 'put',
  key: 'spent',
  value: JSON.stringify({ day, amount: String(amount) }),
});

function openRow(open: OpenTicket | undefined) {
  const { ticket, origin } = open ?? {};
  return { ticket, question: origin ? { nonce: origin.nonce, body: origin.body } : null };
}

/** @param name what error messages call the wallet, its folder for one */
export function createWalletDisk(db: WalletDatabase, clock: LinkClock, name: string): WalletDisk {
  const writer = createGroupWriter<RowChange>((changes, sync) => db.write(changes, { sync }), clock);
  return {
    load: () => load(db).catch((cause) => unreadable(db, name, cause)),
    write: writer.write,
    writeSoon: writer.writeSoon,
    caughtUp: writer.caughtUp,
    close: () => writer.settled().then(() => db.close()),
  };
}

/** Books that are half understood must not be used: they could sign less or more than was promised. */
async function unreadable(db: WalletDatabase, name: string, cause: unknown): Promise<never> {
  await db.close();
  const what = cause instanceof Error ? cause.message : String(cause);
  throw new ClientError('WALLET_DAMAGED', `the wallet in ${name} holds a row that cannot be read: ${what}`, { cause });
}

const openRowSchema = z.strictObject({
  ticket: ticketSchema,
  question: z.strictObject({ nonce: z.string(), body: z.string() }).nullable(),
});
const statementsSchema = z.strictObject({ offer: signedOffer, identity: signedIdentity });

type Rows = [key: string, value: string][];
const under = (rows: Rows, prefix: string): Rows =>
  rows.filter(([key]) => key.startsWith(prefix)).map(([key, value]) => [key.slice(prefix.length), value]);

async function load(db: WalletDatabase) {
  const rows = await db.load();
  const channels = new Map(under(rows, 'channel/').map(([id, value]) => [id, readChannel(id, JSON.parse(value))]));
  const statements = new Map(under(rows, 'statements/'));
  const needed = new Set<string>();
  for (const [key, value] of under(rows, 'ticket/')) {
    const { ticket, question } = checkShape(openRowSchema, JSON.parse(value), `wallet ticket ${key}`);
    const stated = question && statements.get(ticket.offer);
    if (stated) needed.add(ticket.offer);
    channels.get(ticket.channel)?.open.set(ticket.id, {
      ticket,
      maxCharge: BigInt(ticket.maxCharge),
      lost: true, // whoever waited for the answer ended with the process
      ...(question && stated
        ? { origin: { ...question, ...checkShape(statementsSchema, JSON.parse(stated), `wallet statements ${ticket.offer}`) } }
        : {}),
    });
  }
  const unneeded = [...statements.keys()].filter((hash) => !needed.has(hash));
  if (unneeded.length > 0)
    await db.write(
      unneeded.map((hash) => ({ type: 'del', key: `statements/${hash}` })),
      { sync: false },
    );
  const spent = new Map(rows).get('spent');
  const row = spent ? JSON.parse(spent) : { day: '', amount: '0' };
  return { channels: [...channels.values()], spent: { day: String(row.day), amount: BigInt(row.amount) } };
}

type ChannelRow = Record<'deposit' | 'signed' | 'acked' | 'ackedReceipt', string> & {
  terms: unknown;
  network: unknown;
  chain: { sequence: number; hash: string; total: string };
  early: [number, { hash: string; previous: string; charge: string; total: string }][];
};

function readChannel(id: string, row: ChannelRow): ChannelState {
  const state = newChannelState({
    channel: id,
    terms: checkShape(channelTerms, row.terms, 'wallet channel'),
    network: checkShape(offer.shape.network, row.network, 'wallet channel'),
    deposit: BigInt(row.deposit),
  });
  state.signed = BigInt(row.signed);
  state.acked = BigInt(row.acked);
  state.ackedReceipt = row.ackedReceipt;
  state.chain = { sequence: row.chain.sequence, hash: row.chain.hash, total: BigInt(row.chain.total) };
  for (const [sequence, early] of row.early)
    state.early.set(sequence, { ...early, charge: BigInt(early.charge), total: BigInt(early.total) });
  return state;
}
