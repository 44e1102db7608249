import { ClassicLevel } from 'classic-level';
import { checkShape, channelTerms, offer, signedOffer, signedStatement, ticket as ticketSchema } from '@tributary/schemas';
import { z } from 'zod';
import { ClientError } from '../errors.ts';
import { newChannelState, type ChannelState, type OpenTicket } from './channel-state.ts';
import { createGroupWriter, type GroupWriter } from './group-writer.ts';
import type { TicketOrigin } from './wallet.ts';

type Operation = { type: 'put'; key: string; value: string } | { type: 'del'; key: string };

/** Where the wallet's books lie. */
export interface WalletDisk {
  load(): Promise<{ channels: ChannelState[]; spent: { day: string; amount: bigint } }>;
  /** Resolves when the operations survive a kill of this process; with `sync`, a power cut as well. */
  write: GroupWriter<Operation>['write'];
  writeSoon: GroupWriter<Operation>['writeSoon'];
  caughtUp: GroupWriter<Operation>['caughtUp'];
  close(): Promise<void>;
}

export const channelRow = (state: ChannelState): Operation => ({
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
export const ticketRow = (state: ChannelState, id: string): Operation => ({
  type: 'put',
  key: `ticket/${state.channel}/${id}`,
  value: JSON.stringify(openRow(state.open.get(id))),
});
/** Statements are many times as long as a ticket and the same for all tickets of an offer: they have a row of their own. */
export const statementsRow = (offerHash: string, { offer, identity }: TicketOrigin): Operation => ({
  type: 'put',
  key: `statements/${offerHash}`,
  value: JSON.stringify({ offer, identity }),
});
export const channelGone = (channel: string): Operation => ({ type: 'del', key: `channel/${channel}` });
export const ticketGone = (channel: string, id: string): Operation => ({ type: 'del', key: `ticket/${channel}/${id}` });
export const spentRow = (day: string, amount: bigint): Operation => ({
  type: 'put',
  key: 'spent',
  value: JSON.stringify({ day, amount: String(amount) }),
});

function openRow(open: OpenTicket | undefined) {
  const { ticket, origin } = open ?? {};
  return { ticket, question: origin ? { nonce: origin.nonce, body: origin.body } : null };
}

/** Opens the wallet's database; one process at a time may hold it. */
export async function openWalletDisk(directory: string): Promise<WalletDisk> {
  const db = new ClassicLevel<string, string>(directory, { keyEncoding: 'utf8', valueEncoding: 'utf8' });
  try {
    await db.open();
  } catch (cause) {
    throw new ClientError(
      'WALLET_DAMAGED',
      `the wallet in ${directory} cannot be opened: another process holds it, or its files are damaged`,
      { cause },
    );
  }
  const { write, writeSoon, caughtUp, settled } = createGroupWriter<Operation>((operations, sync) =>
    db.batch(operations, { sync }),
  );
  return {
    load: () => load(db).catch((cause) => unreadable(db, directory, cause)),
    write,
    writeSoon,
    caughtUp,
    close: () => settled().then(() => db.close()),
  };
}

/** Books that are half understood must not be used: they could sign less or more than was promised. */
async function unreadable(db: ClassicLevel<string, string>, directory: string, cause: unknown): Promise<never> {
  await db.close();
  const what = cause instanceof Error ? cause.message : String(cause);
  throw new ClientError('WALLET_DAMAGED', `the wallet in ${directory} holds a row that cannot be read: ${what}`, { cause });
}

const openRowSchema = z.strictObject({
  ticket: ticketSchema,
  question: z.strictObject({ nonce: z.string(), body: z.string() }).nullable(),
});
const statementsSchema = z.strictObject({ offer: signedOffer, identity: signedStatement });

async function readStatements(db: ClassicLevel<string, string>, offerHash: string) {
  const row = await db.get(`statements/${offerHash}`);
  return row === undefined ? null : checkShape(statementsSchema, JSON.parse(row), `wallet statements ${offerHash}`);
}

/** Removes the statements that no open ticket needs. */
async function forgetStatements(db: ClassicLevel<string, string>, channels: Map<string, ChannelState>): Promise<void> {
  const needed = new Set([...channels.values()].flatMap(({ open }) => [...open.values()].map(({ ticket }) => ticket.offer)));
  for await (const key of db.keys({ gte: 'statements/', lt: 'statements0' }))
    if (!needed.has(key.slice('statements/'.length))) await db.del(key);
}

async function load(db: ClassicLevel<string, string>) {
  const channels = new Map<string, ChannelState>();
  for await (const [key, value] of db.iterator({ gte: 'channel/', lt: 'channel0' })) {
    const row = JSON.parse(value);
    const state = newChannelState({
      channel: key.slice('channel/'.length),
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
    channels.set(state.channel, state);
  }
  for await (const [key, value] of db.iterator({ gte: 'ticket/', lt: 'ticket0' })) {
    const { ticket, question } = checkShape(openRowSchema, JSON.parse(value), `wallet ticket ${key}`);
    const statements = question && (await readStatements(db, ticket.offer));
    channels.get(ticket.channel)?.open.set(ticket.id, {
      ticket,
      maxCharge: BigInt(ticket.maxCharge),
      lost: true, // whoever waited for the answer ended with the process
      ...(question && statements ? { origin: { ...question, ...statements } } : {}),
    });
  }
  await forgetStatements(db, channels);
  const spent = await db.get('spent');
  const row = spent ? JSON.parse(spent) : { day: '', amount: '0' };
  return { channels: [...channels.values()], spent: { day: String(row.day), amount: BigInt(row.amount) } };
}
