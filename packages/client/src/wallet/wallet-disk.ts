import { ClassicLevel } from 'classic-level';
import { checkShape, channelTerms, offer, ticket as ticketSchema } from '@tributary/schemas';
import { ClientError } from '../errors.ts';
import { newChannelState, type ChannelState } from './channel-state.ts';

type Operation = { type: 'put'; key: string; value: string } | { type: 'del'; key: string };

/** Where the wallet's books lie. Writes of one tick form one batch. */
export interface WalletDisk {
  load(): Promise<{ channels: ChannelState[]; spent: { day: string; amount: bigint } }>;
  /** Resolves when the operations survive a kill of this process; with `sync`, a power cut as well. */
  write(operations: Operation[], options?: { sync: boolean }): Promise<void>;
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
  value: JSON.stringify(state.open.get(id)?.ticket),
});
export const channelGone = (channel: string): Operation => ({ type: 'del', key: `channel/${channel}` });
export const ticketGone = (channel: string, id: string): Operation => ({ type: 'del', key: `ticket/${channel}/${id}` });
export const spentRow = (day: string, amount: bigint): Operation => ({
  type: 'put',
  key: 'spent',
  value: JSON.stringify({ day, amount: String(amount) }),
});

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
  let queued: { operations: Operation[]; sync: boolean; done: Promise<void> } | null = null;
  const write: WalletDisk['write'] = (operations, options = { sync: false }) => {
    if (!queued) {
      const group = { operations: [] as Operation[], sync: false, done: Promise.resolve() };
      group.done = new Promise((resolve, reject) => {
        setImmediate(() => {
          queued = null;
          db.batch(group.operations, { sync: group.sync }).then(resolve, reject);
        });
      });
      queued = group;
    }
    queued.operations.push(...operations);
    queued.sync ||= options.sync;
    return queued.done;
  };
  return { load: () => load(db).catch((cause) => unreadable(directory, cause)), write, close: () => db.close() };
}

/** Books that are half understood must not be used: they could sign less or more than was promised. */
function unreadable(directory: string, cause: unknown): never {
  const what = cause instanceof Error ? cause.message : String(cause);
  throw new ClientError('WALLET_DAMAGED', `the wallet in ${directory} holds a row that cannot be read: ${what}`, { cause });
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
    const ticket = checkShape(ticketSchema, JSON.parse(value), `wallet ticket ${key}`);
    channels.get(ticket.channel)?.open.set(ticket.id, { ticket, maxCharge: BigInt(ticket.maxCharge) });
  }
  const spent = await db.get('spent');
  const row = spent ? JSON.parse(spent) : { day: '', amount: '0' };
  return { channels: [...channels.values()], spent: { day: String(row.day), amount: BigInt(row.amount) } };
}
