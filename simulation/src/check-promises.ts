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
    const spent = createSum();
    const days = createDays();
    for (const ask of asks) {
      const { ticket, voucher } = ask.head.payment;
      const name = `${purse.name} to ${ask.provider}`;
      const total = spent.raise(ticket.channel, BigInt(voucher.cumulative));
      const allowed = perDay === null ? null : perDay * BigInt(days.count(ask.buyerNow));
      if (perCall !== null && BigInt(ticket.maxCharge) > perCall)
        witness.violation(`cap: ${name} promised ${ticket.maxCharge} for one question; the cap is ${perCall}`);
      if (allowed !== null && total > allowed)
        witness.violation(`cap: ${purse.name} signed ${total} in all; its days so far allow ${allowed}`);
      const risk = BigInt(voucher.cumulative) - BigInt(ticket.ackedTotal);
      const most = riskMax(plan, ask);
      if (risk > most) witness.violation(`risk: ${name} has ${risk} at stake, promised is at most ${most}`);
    }
  }
}

/**
 * A liar never passes: what it changed in an answer or its price is refused at once. A receipt that contradicts others may be believed while
 * those are under way; then the channel is lost with the next question.
 */
export function checkLies({ witness, providers, buyers }: OpenWorld): void {
  for (const { buyer, receipt } of witness.believedLies) {
    const { kept: purse, machine } = buyers.find(({ kept }) => kept.name === buyer)!;
    const told = witness.receipts.find(({ receipt: one }) => one.signature === receipt.signature);
    const lie = providers.find(({ kept }) => kept.name === told?.provider)?.kept.plan.lie;
    if (purse.plan.lie !== null) continue;
    const own = readWallet(machine.disk.walletRows()).get(receipt.channel);
    const chained = lie === 'inflated-total' || lie === 'forked-receipts';
    if (!chained || (own !== undefined && !own.lost && own.sequence >= receipt.sequence))
      witness.violation(`lie: ${buyer} believed a provider whose lie is ${lie}`);
  }
}

/** R: what one channel may put at stake. A price that was changed once may have been the double. */
function riskMax({ providers, steps }: Plan, { provider, head }: PaidAsk): bigint {
  const at = Number(provider.slice(1));
  const shop = providers[at]!;
  const repriced = steps.some((step) => step.kind === 'reprice' && step.provider === at);
  const first = head.payment.ticket.ackedReceipt === ZERO_HASH;
  return quoteMax(shop) * BigInt(first ? 1 : shop.maxInFlight) * (repriced ? 2n : 1n);
}

/** Sum over channels of the highest voucher of each. */
function createSum() {
  const highest = new Map<string, bigint>();
  let total = 0n;
  return {
    raise(channel: string, cumulative: bigint): bigint {
      const before = highest.get(channel) ?? 0n;
      if (cumulative > before) {
        highest.set(channel, cumulative);
        total += cumulative - before;
      }
      return total;
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
