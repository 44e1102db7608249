import { ZERO_HASH } from '@tributary/proof/primitives';
import { isChained } from '../plan/liars.ts';
import { losesRows } from '../plan/lost-rows.ts';
import { quoteMax } from '../plan/draw-plan.ts';
import type { Plan } from '../plan/types.ts';
import { honest } from './liveness.ts';
import { readWallet } from './wallet-rows.ts';
import type { PaidAsk } from '../world/witness.ts';
import type { OpenWorld } from '../world/world.ts';

/**
 * What an honest client signed, as its providers saw it: within its caps, and never more at risk than what is in
 * flight.
 */
export function checkPromises({ plan, witness, clients }: OpenWorld): void {
  for (const { kept: clientSetup } of honest(clients)) {
    const asks = witness.asks.filter(({ peer }) => peer === clientSetup.peerId);
    const { perCall, perDay } = clientSetup.plan;
    const [spent, acked] = [createSum(), createSum()];
    const days = createDays();
    for (const ask of asks) {
      const { ticket, voucher } = ask.head.payment;
      const name = `${clientSetup.name} to ${ask.provider}`;
      const total = spent.raise(ticket.channel, BigInt(voucher.cumulative)).sum;
      const allowed = perDay === null ? null : perDay * BigInt(days.count(ask.clientNow));
      if (perCall !== null && BigInt(ticket.maxCharge) > perCall)
        witness.violation(`cap: ${name} promised ${ticket.maxCharge} for one question; the cap is ${perCall}`);
      if (allowed !== null && total > allowed)
        witness.violation(`cap: ${clientSetup.name} signed ${total} in all; its days so far allow ${allowed}`);
      // A repeated ticket names what was acknowledged when it was made, under the present ceiling.
      const known = BigInt(ticket.ackedTotal) > ask.believed ? BigInt(ticket.ackedTotal) : ask.believed;
      const risk = BigInt(voucher.cumulative) - acked.raise(ticket.channel, known).highest;
      const most = riskMax(plan, ask, witness.resyncs.get(`${ask.provider} ${ask.peer}`) ?? 0);
      if (risk > most) witness.violation(`risk: ${name} has ${risk} at stake, promised is at most ${most}`);
    }
  }
}

/**
 * No lie passes. A changed answer or price is refused at once. A receipt that contradicts others may be believed while
 * those are in flight; the channel is then lost with the next question.
 */
export function checkLies({ plan, witness, providers, clients }: OpenWorld): void {
  for (const { client, receipt } of witness.believedLies) {
    const { kept: clientSetup, machine } = clients.find(({ kept }) => kept.name === client)!;
    const told = witness.receipts.find(({ receipt: one }) => one.signature === receipt.signature);
    const lie = providers.find(({ kept }) => kept.name === told?.provider)?.kept.plan.lie;
    // A wallet that lost an answer with its rows cannot know any more what contradicts it.
    if (clientSetup.plan.lie !== null || (isChained(lie) && losesRows(plan, clientSetup.name))) continue;
    const own = readWallet(machine.disk.walletRows()).get(receipt.channel);
    if (!isChained(lie) || (own !== undefined && !own.lost && own.sequence >= receipt.sequence))
      witness.violation(`lie: ${client} believed a provider whose lie is ${lie}`);
  }
}

/**
 * R: the most that one channel may put at risk. A price that was changed may have doubled. A question that was refused
 * because the two sides differed is paid once more after they were brought in line.
 */
function riskMax({ providers, steps, faults }: Plan, { provider, head }: PaidAsk, repairs: number): bigint {
  const at = Number(provider.slice(1));
  const providerSetup = providers[at]!;
  const repriced =
    steps.some((step) => step.kind === 'reprice' && step.provider === at) ||
    faults.some((fault) => fault.kind === 'at-answer' && fault.reprice && fault.node === provider);
  const first = head.payment.ticket.ackedReceipt === ZERO_HASH;
  return quoteMax(providerSetup) * BigInt((first ? 1 : providerSetup.maxInFlight) + repairs) * (repriced ? 2n : 1n);
}

/** The highest amount of each channel, and their sum. */
function createSum() {
  const highest = new Map<string, bigint>();
  let sum = 0n;
  return {
    raise(channel: string, amount: bigint): { highest: bigint; sum: bigint } {
      const before = highest.get(channel) ?? 0n;
      if (amount > before) {
        highest.set(channel, amount);
        sum += amount - before;
      }
      return { highest: amount > before ? amount : before, sum };
    },
  };
}

/** Number of days by a clock that may be set. Each change of the date starts one. */
function createDays() {
  let [days, last] = [0, ''];
  return {
    count(nowMs: number): number {
      const day = new Date(nowMs).toISOString().slice(0, 10);
      if (day !== last) days += 1;
      last = day;
      return days;
    },
  };
}
