// Random clocks of a payer: whatever they did, what was charged is had, as long as an honest provider keeps it.
import { ProofError } from '@tributary/proof';
import { TributaryError } from '@tributary/schemas';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ticketKeepMs } from './limits.ts';
import { advance, disk, MINUTE_MS, now, open, openPayer, request, restart, setClock, shop, wallet } from './payer.suite.ts';
import type { Again, LostPayment, Wanted } from './wallet.ts';

const HOUR_MS = 3_600_000;
const SKEW_MS = 120_000;
const runs = Number(process.env['WALLET_RUNS'] ?? 200);
const charged: Wanted = () => false;

type Step =
  | { do: 'lose'; charge: bigint | null; late: boolean }
  | { do: 'set'; hours: number }
  | { do: 'pass'; ms: number }
  | { do: 'recover'; how: 'well' | 'cut' | 'later' }
  | { do: 'restart'; powerCut: boolean };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc.record({ do: fc.constant('lose' as const), charge: fc.constantFrom(7n, 7n, null), late: fc.boolean() }),
    fc.record({ do: fc.constant('set' as const), hours: fc.constantFrom(0, 0, 1, -1, 26, -26, 24 * 49, -24 * 49) }),
    fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(1_000, 20_000) }),
    fc.record({ do: fc.constant('recover' as const), how: fc.constantFrom('well' as const, 'cut' as const, 'later' as const) }),
    fc.record({ do: fc.constant('restart' as const), powerCut: fc.boolean() }),
  ),
  { maxLength: 16 },
);

it('loses no answer that was charged, however the clock was set', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (all) => {
      await openPayer();
      let offMs = 0;
      /** Charges that an honest provider books a moment after its payer has given up. */
      const inProgress: (() => void)[] = [];
      const again = async ({ payment }: LostPayment): Promise<Again> => {
        if (now - offMs >= payment.ticket.deadline + ticketKeepMs) return 'over';
        if (offMs < -SKEW_MS) throw new ProofError('CLOCK_FUTURE', 'ahead of this clock');
        if (shop.admit(payment) !== null) return 'over'; // it was never charged
        await shop.acknowledge(wallet, payment, shop.charge(payment, 7n));
        return 'answered';
      };
      const failing = {
        well: again,
        cut: () => Promise.reject(new TributaryError('LINK_CLOSED', 'the link broke')),
        later: async (): Promise<Again> => 'later',
      };
      const recover = (how: keyof typeof failing) =>
        wallet.resync(shop.payee, shop.ledger, failing[how], charged).catch((error: { code: string }) => {
          if (error.code !== 'LINK_CLOSED') throw error;
        });
      const set = (ms: number) => {
        setClock(ms - offMs);
        offMs = ms;
      };
      const lose = async ({ charge, late }: Extract<Step, { do: 'lose' }>) => {
        if (offMs !== 0) return; // no provider takes a deadline that is so far away
        await recover('well');
        const payment = await wallet.reserve(request(), shop.ledger);
        if (charge !== null && shop.admit(payment) !== null) {
          await wallet.release(payment);
          return wallet.doubt(payment, true);
        }
        const book = () => void shop.charge(payment, charge!);
        if (charge !== null && late) inProgress.push(book);
        else if (charge !== null) book();
        wallet.doubt(payment, false);
      };
      for (const step of all) {
        if (step.do === 'lose') await lose(step);
        if (step.do === 'set') set(step.hours * HOUR_MS);
        if (step.do === 'pass') advance(step.ms);
        if (step.do === 'recover') await recover(step.how);
        if (step.do === 'restart' && step.powerCut) {
          disk.powerCut();
          await open();
        } else if (step.do === 'restart') await restart();
        if (step.do !== 'lose') for (const book of inProgress.splice(0)) book();
      }
      for (const book of inProgress.splice(0)) book();
      set(0);
      for (let tries = 0; tries < 6; tries += 1) {
        await recover('well');
        advance(MINUTE_MS / 2);
      }
      const total = [...shop.channels.values()].reduce((sum, channel) => sum + channel.charged, 0n);
      expect(await wallet.totals()).toMatchObject({ spent: total, writtenOff: 0n });
    }),
    { numRuns: runs },
  );
}, 120_000);
