import type { Wallet } from '@tributary/client';
import type { Ledger } from '@tributary/relay/testing';
import { losesRows } from '../plan/lost-rows.ts';
import { honest } from './liveness.ts';
import { readWallet, unansweredOf } from './wallet-rows.ts';
import type { ClientStation, OpenWorld, ProviderStation } from '../world/world.ts';

/**
 * Money is conserved to the unit on both sides, each question is charged once, and everything is the same after it was
 * opened again.
 */
export async function checkBooks(world: OpenWorld): Promise<void> {
  for (const provider of world.providers) {
    const { running, kept } = provider;
    if (running === null) continue;
    checkConserved(world, kept.name, running.ledger);
    checkCredit(world, provider, running.ledger);
    if (kept.plan.lie !== null) continue;
    await checkChargedOnce(world, kept.name, running.ledger);
    for (const client of honest(world.clients)) {
      checkAgreement(world, provider, client);
      checkAnswered(world, provider, client);
    }
  }
  for (const station of world.providers) await checkReopened(world, station, ({ ledger }) => bookText(ledger));
  for (const station of honest(world.clients))
    await checkReopened(world, station, ({ wallet }) => money(wallet, losesRows(world.plan, station.kept.name)));
}

const json = (value: unknown): string =>
  JSON.stringify(value, (_, one: unknown) => (typeof one === 'bigint' ? `${one}` : sorted(one)));

/**
 * The amounts that a wallet states. Credit outside all channels is only what the provider said; it is written with the
 * next row. After a failed write the locked deposit may be on disk only as requested, until the next question requests
 * it again.
 */
async function money(wallet: Wallet, writesFailed: boolean): Promise<string> {
  const { granted: _, locked, channels, providers, ...sums } = await wallet.totals();
  if (writesFailed) return json(sums);
  const known = providers.map(({ available: __, ...provider }) => provider);
  const held = known.filter((one) => one.channels.length + one.unanswered.count + one.lost.count > 0 || one.spent > 0n);
  return json([sums, locked, channels, held]);
}

/** Members and lists in one order, whoever made them. */
function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.toSorted((a, b) => (json(a) < json(b) ? -1 : 1));
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** Both texts around the first character in which they differ. */
function difference(before: string, after: string): string {
  const at = Array.from(before).findIndex((character, place) => character !== after[place]);
  const around = (text: string): string => text.slice(Math.max(0, at - 60), at + 40);
  return `'…${around(before)}…' became '…${around(after)}…'`;
}

const bookText = async (ledger: Ledger): Promise<string> => {
  const { reserved: _, inFlight: __, ...risk } = ledger.risk();
  return json([risk, ledger.channels()]);
};

/** What was granted is available, locked or spent; what is locked and charged is in channels. */
function checkConserved({ witness, clients, plan }: OpenWorld, name: string, ledger: Ledger): void {
  const risk = ledger.risk();
  const wrong = (what: string): void => witness.violation(`books: ${name}: ${what}`);
  if (risk.granted !== risk.available + risk.locked + risk.spent)
    wrong(`granted is not available, locked and spent: ${json(risk)}`);
  const grants = plan.providers[Number(name.slice(1))]!.grant * BigInt(clients.length);
  if (risk.granted !== grants) wrong(`${risk.granted} is granted in the books, ${grants} was`);
  if (risk.reserved !== 0n || risk.inFlight !== 0)
    wrong(`nothing runs and ${risk.reserved} is reserved for ${risk.inFlight} requests`);
  let [locked, charged] = [0n, 0n];
  for (const channel of ledger.channels()) {
    if (channel.charged > channel.deposit) wrong(`channel ${channel.id} is charged ${channel.charged} of ${channel.deposit}`);
    if (channel.closed) continue;
    locked += channel.deposit;
    charged += channel.charged;
  }
  if (locked !== risk.locked || charged !== risk.charged)
    wrong(`channels hold ${locked} and were charged ${charged}: ${json(risk)}`);
}

/** K: an owner never risks more than this on a channel, whoever the client is. */
function checkCredit({ witness }: OpenWorld, { kept }: ProviderStation, ledger: Ledger): void {
  const credit = BigInt(kept.plan.credit);
  for (const { id, charged, best } of ledger.channels())
    if (charged - best > credit)
      witness.violation(
        `credit: ${kept.name} has charged ${charged} on ${id}, vouchers cover ${best}, and allows ${credit} more`,
      );
}

interface ChargeLine {
  readonly type: string;
  readonly channel: string;
  readonly ticket: string;
  readonly charge: string;
}

/** Nobody pays twice for one ticket or one question, and every answer that left is booked. */
async function checkChargedOnce({ witness }: OpenWorld, name: string, ledger: Ledger): Promise<void> {
  const charged = new Map<string, string>();
  for await (const line of ledger.export()) {
    const entry = entryOf(line);
    if (entry.type !== 'charge' || entry.charge === '0') continue;
    const key = `${entry.channel} ${entry.ticket}`;
    if (charged.has(key)) witness.violation(`charge: ${name} charged ticket ${entry.ticket} twice`);
    charged.set(key, entry.charge);
  }
  const tickets = new Map<string, string>();
  for (const { provider, requestHash, head } of witness.asks) {
    const key = `${head.payment.ticket.channel} ${head.ticketId}`;
    if (provider !== name || !charged.has(key)) continue;
    const first = tickets.get(requestHash) ?? key;
    tickets.set(requestHash, first);
    if (first !== key && !isReplay(key, first)) witness.violation(`charge: ${name} charged one question under two tickets`);
  }
  for (const { provider, receipt } of witness.receipts) {
    if (provider !== name || receipt.charge === '0') continue;
    if (charged.get(`${receipt.channel} ${receipt.ticket}`) !== receipt.charge)
      witness.violation(`charge: ${name} gave a receipt over ${receipt.charge} that is not in its books`);
  }
}

/**
 * A liar that sends one question under the ticket of another harms only itself; honest clients never share its channel.
 */
const isReplay = (a: string, b: string): boolean => a.split(' ')[0] !== b.split(' ')[0];

function entryOf(line: string): ChargeLine {
  const value = JSON.parse(line) as { entry?: unknown } & ChargeLine;
  return typeof value.entry === 'object' ? (value.entry as ChargeLine) : value;
}

/** The ledger charged what the wallet acknowledged, to the unit, and the wallet signed at least that. */
function checkAgreement(
  { witness }: OpenWorld,
  { kept: providerSetup, running }: ProviderStation,
  { kept: clientSetup, machine }: ClientStation,
): void {
  if (running === null) return;
  const wallet = readWallet(machine.disk.walletRows());
  for (const channel of running.ledger.channels()) {
    if (channel.terms.payer !== clientSetup.payer) continue;
    const own = wallet.get(channel.id);
    if (own === undefined) {
      if (!channel.closed)
        witness.violation(
          `agreement: ${clientSetup.name} has no row of its channel with ${providerSetup.name}, which holds ${channel.deposit}`,
        );
      continue;
    }
    if (own.lost)
      witness.violation(`agreement: ${clientSetup.name} gave up its channel with ${providerSetup.name}, which is honest`);
    if (own.acked !== channel.charged)
      witness.violation(
        `agreement: ${providerSetup.name} charged ${channel.charged} on a channel, ${clientSetup.name} acknowledged ${own.acked}`,
      );
    if (own.signed < channel.charged)
      witness.violation(`agreement: ${clientSetup.name} signed ${own.signed}, ${providerSetup.name} charged ${channel.charged}`);
  }
}

/**
 * While answers are kept, a client that returns after a crash gets what it paid for. Three exceptions: a disk that
 * loses rows loses the tickets in them, a ticket whose link broke while its answer was verified may be settled by the
 * provider's state, and an answer is gone when its records were changed meanwhile.
 */
function checkAnswered(
  { plan, witness }: OpenWorld,
  { kept: providerSetup }: ProviderStation,
  { kept: clientSetup, machine }: ClientStation,
): void {
  const steps = plan.steps.filter((step) => step.kind === 'ask' && step.client === clientSetup.at);
  const spanMs = (plan.steps.at(-1)?.at ?? 0) - (steps[0]?.at ?? 0);
  const disturbed = plan.faults.some((fault) => 'from' in fault || fault.kind === 'clock');
  if (disturbed || losesRows(plan, clientSetup.name) || spanMs > keptMs) return;
  if (witness.receipts.some(({ provider, receipt }) => provider === providerSetup.name && receipt.status === 'gone')) return;
  const unanswered = unansweredOf(machine.disk.walletRows(), providerSetup.fixtures.keys.owner.did);
  if (unanswered > 0n)
    witness.violation(`answers: ${clientSetup.name} paid ${unanswered} to ${providerSetup.name} for answers that it never got`);
}

/** Answers are kept for ten minutes; what follows the last step takes up to eight of them. */
const keptMs = 100_000;

async function checkReopened<Running>(
  { witness, within, scheduler }: OpenWorld,
  station: {
    machine: { name: string };
    running: Running | null;
    restart(downMs: number): Promise<void>;
    revive(): Promise<void>;
  },
  facts: (running: Running) => Promise<string>,
): Promise<void> {
  if (station.running === null) return;
  const before = await facts(station.running);
  await station.restart(0);
  await scheduler.sleep(1_000);
  await within(station.revive(), 60_000);
  if (station.running === null) {
    witness.violation(`reopen: ${station.machine.name} does not open again`);
    return;
  }
  const after = await facts(station.running);
  if (after !== before) witness.violation(`reopen: ${station.machine.name}: ${difference(before, after)}`);
}
