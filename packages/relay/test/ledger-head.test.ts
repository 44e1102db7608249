// The head file is synced behind the answers, but never further than one group.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { HeadFile } from '@tributary/runtime';
import type { LedgerDisk } from '../src/ledger/disk.ts';
import { openLedger } from '../src/payments/open-ledger.ts';
import { ledgerOptions, payingChannel } from '../src/testing/ledger-fixture.ts';
import { memoryDisk } from './support/memory-disk.ts';

const alice = payingChannel();

/** A disk whose syncs of the head end when the test says so. */
function slowHead(disk: LedgerDisk) {
  const syncs: PromiseWithResolvers<void>[] = [];
  const state = { slow: false };
  const slow: LedgerDisk = {
    ...disk,
    async openHead(): Promise<HeadFile> {
      const head = await disk.openHead();
      return {
        ...head,
        sync() {
          if (!state.slow) return head.sync();
          const sync = Promise.withResolvers<void>();
          syncs.push(sync);
          return sync.promise;
        },
      };
    },
  };
  return { disk: slow, syncs, state };
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await nextTurn();
}

it('lets an answer go before its head is synced, and the next one only after that', async () => {
  const { disk, syncs, state } = slowHead(memoryDisk());
  const ledger = await openLedger({ ...ledgerOptions, disk });
  await alice.fund(ledger);
  await turns();
  state.slow = true;
  const first = await alice.charge(ledger, 'first', 10n);
  expect(first.sequence).toBe(1);
  expect(await (await disk.openHead()).read()).toMatchObject({ sequence: 3 });
  let answered = false;
  const second = alice.charge(ledger, 'second', 10n).finally(() => (answered = true));
  await turns();
  expect([answered, syncs.length]).toEqual([false, 1]);
  syncs[0]!.resolve();
  expect((await second).sequence).toBe(2);
  syncs[1]!.resolve();
  await ledger.close();
});

it('opens after a power cut that took the last head, with every charge that was acknowledged', async () => {
  const disk = memoryDisk();
  const ledger = await openLedger({ ...ledgerOptions, disk });
  await alice.fund(ledger);
  const head = await disk.openHead();
  const before = (await head.read())!;
  await alice.charge(ledger, 'first', 10n);
  await alice.charge(ledger, 'second', 10n);
  await ledger.close();
  await head.write(before);
  const again = await openLedger({ ...ledgerOptions, disk });
  expect(again.channel(alice.channel)).toMatchObject({ charged: 20n, sequence: 2 });
  expect(await head.read()).toMatchObject({ sequence: 4 });
  await again.close();
});
