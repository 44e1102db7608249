// A ledger whose machine's clock is set two days ahead for an hour: answers are kept for their time, and afterwards
// tickets are accepted as before.
import { createSteadyClock } from '@tributary/runtime';
import { answerKeepMs } from '@tributary/store';
import { expect, it } from 'vitest';
import { openLedger } from '../src/payments/open-ledger.ts';
import { ledgerOptions, payingChannel, START_MS, ticketIdOf } from '../src/testing/ledger-fixture.ts';
import { memoryDisk } from './support/memory-disk.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

it('keeps answers for their time, whatever the clock says, and ends no ticket before its deadline', async () => {
  let [wall, up] = [START_MS, 0];
  const pass = (ms: number) => {
    wall += ms;
    up += ms;
  };
  const now = () => wall;
  const steadyNow = createSteadyClock({ now, uptimeMs: () => up });
  const ledger = await openLedger({ ...ledgerOptions, disk: memoryDisk(), now, steadyNow });
  const alice = payingChannel();
  await alice.fund(ledger);
  const charge = (at: number) => alice.charge(ledger, String(at), 1n, { deadline: wall + 15_000 });
  const kept = async (at: number) => (await ledger.ticket(alice.channel, ticketIdOf(String(at)))) !== null;
  await charge(1);
  wall += 2 * DAY_MS;
  pass(1_000);
  await charge(2);
  await charge(3);
  expect([await kept(1), await kept(2)]).toEqual([true, true]);
  pass(HOUR_MS);
  await charge(4);
  await charge(5); // prunes what is over by now, if anything is
  expect(await kept(1)).toBe(false); // an hour old
  expect(ledger.ticketFloorMs).toBeLessThanOrEqual(START_MS + 15_000);
  wall -= 2 * DAY_MS;
  pass(1_000);
  await charge(6);
  expect([await kept(4), await kept(6)]).toEqual([true, true]);
  expect(ledger.ticketFloorMs).toBeLessThan(wall);
  pass(answerKeepMs + 15_000);
  await charge(7);
  await charge(8);
  expect(ledger.ticketFloorMs).toBeLessThan(wall);
  await ledger.close();
});
