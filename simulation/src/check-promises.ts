import { isChained } from './liars/catalogue.ts';
import { losesRows } from './lost-rows.ts';
import { quoteMax } from './plan.ts';
import type { Plan } from './plan-types.ts';
import { honest } from './settle.ts';
import { readWallet } from './wallet-rows.ts';
import type { PaidAsk } from './witness.ts';
import type { OpenWorld } from './world.ts';

const ZERO_HASH = '0'.repeat(64);

/** What an honest buyer signed, as its providers saw it: within its caps, and never more at stake than what is in flight. */
export function checkPromises({ plan, witness, buyers }: OpenWorld): void {
  for (const { kept: purse } of honest(buyers)) {
    const asks = witness.asks.filter(({ peer }) => peer === purse.peerId);
    const { perCall, perDay } = purse.plan;
    const [spent, acked] = [createSum(), createSum()];
    const days = createDays();
    for (const ask of asks) {
      const { ticket, voucher } = ask.head.payment;
      const name = `${purse.name} to ${ask.provider}`;
      const total = spent.raise(ticket.channel, BigInt(voucher.cumulative)).sum;
      const allowed = perDay === null ? null : perDay * BigInt(days.count(ask.buyerNow));
      if (perCall !== null && BigInt(ticket.maxCharge) > perCall)
        witness.violation(`cap: ${name} promised ${ticket.maxCharge} for one question; the cap is ${perCall}`);
      if (allowed !== null && total > allowed)
        witness.violation(`cap: ${purse.name} signed ${total} in all; its days so far allow ${allowed}`);
      // A ticket that is asked again names what was acknowledged when it was made, under the ceiling of now.
      const risk = BigInt(voucher.cumulative) - acked.raise(ticket.channel, BigInt(ticket.ackedTotal)).highest;
      const most = riskMax(plan, ask, witness.resyncs.get(`${ask.provider} ${ask.peer}`) ?? 0);
      if (risk > most) witness.violation(`risk: ${name} has ${risk} at stake, promised is at most ${most}`);
    }
  }
}

/**
 * A liar never passes: what it changed in an answer or its price is refused at once. A receipt that contradicts others may be believed while
 * those are under way; then the channel is lost with the next question.
 */
export function checkLies({ plan, witness, providers, buyers }: OpenWorld): void {
  for (const { buyer, receipt } of witness.believedLies) {
    const { kept: purse, machine } = buyers.find(({ kept }) => kept.name === buyer)!;
    const told = witness.receipts.find(({ receipt: one }) => one.signature === receipt.signature);
    const lie = providers.find(({ kept }) => kept.name === told?.provider)?.kept.plan.lie;
    // A wallet that forgot an answer with its rows does not know any more what it contradicts.
    if (purse.plan.lie !== null || (isChained(lie) && losesRows(plan, purse.name))) continue;
    const own = readWallet(machine.disk.walletRows()).get(receipt.channel);
    if (!isChained(lie) || (own !== undefined && !own.lost && own.sequence >= receipt.sequence))
      witness.violation(`lie: ${buyer} believed a provider whose lie is ${lie}`);
  }
}

/**
 * R: what one channel may put at stake. A price that was changed once may have been the double. A question that was refused because the books
 * differed is paid for once more after they were brought in line.
 */
function riskMax({ providers, steps }: Plan, { provider, head }: PaidAsk, repairs: number): bigint {
  const at = Number(provider.slice(1));
  const shop = providers[at]!;
  const repriced = steps.some((step) => step.kind === 'reprice' && step.provider === at);
  const first = head.payment.ticket.ackedReceipt === ZERO_HASH;
  return quoteMax(shop) * BigInt((first ? 1 : shop.maxInFlight) + repairs) * (repriced ? 2n : 1n);
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

/** Days that began, by a clock that may be set: each change of the date begins one. */
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
