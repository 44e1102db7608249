import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { DiskOperation } from '@tributary/store';
import { openBudgets, type Budgets, type Reservation, type SpentDatabase } from './budgets.ts';

const ID = 'a'.repeat(16);
const START = 1_790_000_000_000;
const DAY_MS = 86_400_000;

/** A disk whose writes end when the test says so, in one of three ways. A crash loses unfinished writes. */
function testDisk() {
  const rows = new Map<string, Buffer>();
  const waiting: { operations: readonly DiskOperation[]; done: () => void; failed: (error: Error) => void }[] = [];
  const persist = (operations: readonly DiskOperation[]) => {
    for (const { key, value } of operations) if (value) rows.set(String(key), Buffer.from(value));
  };
  const database: SpentDatabase = {
    readOnly: false,
    async *scan() {
      for (const [key, value] of rows) yield [Buffer.from(key), value];
    },
    batch: (operations) => new Promise((done, failed) => waiting.push({ operations, done, failed })),
    close: () => Promise.resolve(),
  };
  return {
    database,
    /** Ends the oldest write: it is on disk, or refused, or on disk but reported as refused. */
    end(how: 'written' | 'lost' | 'reported') {
      const write = waiting.shift();
      if (!write) return;
      if (how !== 'lost') persist(write.operations);
      if (how === 'written') write.done();
      else write.failed(new Error('no space'));
    },
    crash(how: 'written' | 'lost') {
      for (const { operations } of waiting.splice(0)) if (how === 'written') persist(operations);
    },
  };
}

type Step =
  | { do: 'reserve'; most: number }
  | { do: 'settle'; which: number; share: number }
  | { do: 'end'; how: 'written' | 'lost' | 'reported' }
  | { do: 'wait'; ms: number }
  | { do: 'crash'; how: 'written' | 'lost' };
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('reserve' as const), most: fc.integer({ min: 1, max: 60 }) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('settle' as const),
      which: fc.nat(9),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('end' as const),
      how: fc.constantFrom('written', 'written', 'written', 'lost', 'reported'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: -DAY_MS, max: 2 * DAY_MS }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('crash' as const), how: fc.constantFrom('written', 'lost') }) },
);

it('never lets a key spend more than its budget, whatever runs, fails or crashes', async () => {
  const seen = { admitted: 0, refused: 0, failed: 0 };
  const property = fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 80 }), async (steps) => {
    const disk = testDisk();
    const budget = { total: 300n, perDay: 100n };
    let nowMs = START;
    const open = () => openBudgets(disk.database, () => nowMs);
    let budgets: Budgets = await open();
    const added = budgets.add(ID);
    await tick();
    disk.end('written');
    await added;
    /**
     * What an adversary takes: everything that was set aside and not given back, on the latest day that the node had
     * seen then.
     */
    const taken: { amount: bigint; day: number }[] = [];
    let latestDay = Math.floor(START / DAY_MS);
    let held: { reservation: Reservation; at: number }[] = [];
    const running = new Set<Promise<void>>();
    const reserve = (most: bigint) => {
      const of = budgets;
      const day = (latestDay = Math.max(latestDay, Math.floor(nowMs / DAY_MS)));
      const work = of.reserve(ID, budget, most).then(
        (reservation) => {
          if (of !== budgets) return; // of a process that is gone, so nothing was asked
          seen.admitted += 1;
          held.push({ reservation, at: taken.push({ amount: most, day }) - 1 });
        },
        (error: { code?: string }) => void (error.code === 'API_KEY_BUDGET' ? (seen.refused += 1) : (seen.failed += 1)),
      );
      running.add(work);
      void work.finally(() => running.delete(work));
    };
    const settle = (which: number, share: number) => {
      const one = held.splice(which % Math.max(1, held.length), 1)[0];
      if (!one) return;
      const charge = BigInt(Math.floor(Number(taken[one.at]!.amount) * share));
      taken[one.at]!.amount = charge;
      one.reservation.settle(charge);
      one.reservation.settle(0n); // a second time changes nothing
    };
    for (const one of steps) {
      if (one.do === 'reserve') reserve(BigInt(one.most));
      if (one.do === 'settle') settle(one.which, one.share);
      if (one.do === 'end') disk.end(one.how);
      if (one.do === 'wait') nowMs += one.ms;
      if (one.do === 'crash') {
        disk.crash(one.how);
        held = []; // the question may have been charged in full
        budgets = await open();
      }
      await tick();
      const total = taken.reduce((sum, { amount }) => sum + amount, 0n);
      expect(total).toBeLessThanOrEqual(300n);
      for (const day of new Set(taken.map((charge) => charge.day))) {
        const ofDay = taken.filter((charge) => charge.day === day).reduce((sum, { amount }) => sum + amount, 0n);
        expect(ofDay).toBeLessThanOrEqual(100n);
      }
      const { total: told } = budgets.spent(ID);
      expect(told).toBeGreaterThanOrEqual(total);
    }
    // Everything in progress ends. A process that did not crash leaves nothing behind.
    for (let more = 0; more < 100 && running.size > 0; more += 1) {
      disk.end('written');
      await tick();
    }
  });
  await fc.assert(property, { numRuns: 500 });
  expect(Math.min(seen.admitted, seen.refused, seen.failed)).toBeGreaterThan(100);
});

const tick = () => new Promise((resolve) => setImmediate(resolve));
