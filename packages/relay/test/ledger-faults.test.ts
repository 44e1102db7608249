import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isTributaryError } from '@tributary/schemas';
import { StoreError } from '@tributary/store';
import { describe, expect, it } from 'vitest';
import { ledgerFiles } from '../src/ledger/disk-files.ts';
import type { LedgerDisk } from '../src/ledger/disk.ts';
import type { Ledger } from '../src/payments/ledger.ts';
import { recoverPauseMs } from '../src/ledger/limits.ts';
import { memoryDisk } from './support/memory-disk.ts';
import { openLedger } from '../src/payments/open-ledger.ts';
import { faultyDisk, type Fault } from './support/faulty-disk.ts';
import { handClock, ledgerOptions, payingChannel, ticketIdOf } from '../src/testing/ledger-fixture.ts';

const alice = payingChannel();
const { channel, voucher } = alice;
/** May see one record per ticket, and one more. */
const viewer = { index: 'docs', channel, caps: { exposurePerChannel: 13, exposurePerEpoch: 13, epochMs: 86_400_000 } };
const TICKETS = Array.from({ length: 12 }, (_, at) => `t${at}`);

const openWith = (disk: LedgerDisk, now: () => number) => openLedger({ ...ledgerOptions, disk, now });

/** Like a client: tries until it has an answer, always with the same ticket. */
async function persist<Result>(attempt: () => Promise<Result>, advance: () => void): Promise<Result> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!isTributaryError(error) || error.code !== 'LEDGER_WRITE' || tries > 10) throw error;
      advance();
    }
  }
}

async function chargeOnce(ledger: Ledger, name: string): Promise<void> {
  if ((await ledger.ticket(channel, ticketIdOf(name))) !== null) return;
  const exposure = { ...viewer, items: [{ slot: Math.max(0, TICKETS.indexOf(name)), version: 1 }] };
  await alice.charge(ledger, name, 10n, { exposure });
}

async function runAll(ledger: Ledger, advance: () => void): Promise<void> {
  // Grants have no id, so whether one took effect is read from the account.
  await persist(async () => {
    await ledger.offers(); // resolves once the state agrees with the disk
    if (ledger.account(alice.payer.address).granted === 0n)
      await ledger.grant({ payer: alice.payer.address, amount: 2_000n, note: '' });
  }, advance);
  await persist(() => ledger.openChannel(alice.request), advance);
  for (const half of [TICKETS.slice(0, 6), TICKETS.slice(6)]) {
    await Promise.all(half.map((name) => persist(() => chargeOnce(ledger, name), advance)));
  }
}

async function expectWhole(disk: LedgerDisk, now: () => number): Promise<void> {
  const again = await openWith(disk, now);
  expect(again.account(alice.payer.address)).toEqual({ granted: 2_000n, available: 1_000n, locked: 1_000n, spent: 0n });
  expect(again.channel(channel)).toMatchObject({ charged: 120n, sequence: 12 });
  again.exposureRoom(viewer, 1).release();
  expect(() => again.exposureRoom(viewer, 2)).toThrow(expect.objectContaining({ code: 'EXPOSURE_CAP' }));
  await again.verify();
  const sequences = await Promise.all(
    TICKETS.map(async (name) => (await again.ticket(channel, ticketIdOf(name)))?.receipt.sequence),
  );
  expect(sequences.toSorted((a, b) => Number(a) - Number(b))).toEqual(TICKETS.map((_, at) => at + 1));
  await again.close();
}

// Grant, opening and two groups of charges. The head file has one more write, at its creation. Nobody waits for the
// last sync of the head.
const FAULTS = { batch: 4, head: 5, 'head-sync': 3 } as const;
const faults: Fault[] = (['batch', 'head', 'head-sync'] as const).flatMap((write) =>
  Array.from({ length: FAULTS[write] }, (_, at) => at + 1).flatMap((nth) =>
    [true, false].map((persisted) => ({ write, nth, persisted })),
  ),
);

describe.each([
  { place: 'memory', make: () => Promise.resolve({ disk: memoryDisk(), remove: () => Promise.resolve() }) },
  {
    place: 'disk',
    make: async () => {
      const directory = await mkdtemp(join(tmpdir(), 'tributary-faults-'));
      return { disk: ledgerFiles(directory), remove: () => rm(directory, { recursive: true }) };
    },
  },
])('a ledger on a failing $place', ({ make }) => {
  it.each(faults)('charges each ticket once when write $nth of the $write fails (persisted: $persisted)', async (fault) => {
    const { disk, remove } = await make();
    const clock = handClock();
    const broken = faultyDisk(disk, fault);
    const start = () => openWith(broken, clock.now);
    const advance = () => clock.advance(recoverPauseMs);
    // The first head write is part of opening, which fails and is repeated.
    const ledger = await persist(start, advance);
    await runAll(ledger, advance);
    expect(broken.failed).toBe(1);
    await ledger.close();
    await expectWhole(disk, clock.now);
    await remove();
  });
});

it('calls damage that only a write meets damage, each time', async () => {
  const disk = memoryDisk();
  const clock = handClock();
  const damage = new StoreError('STORE_DAMAGED', 'the database is damaged');
  let damaged = false;
  const found: LedgerDisk = {
    ...disk,
    async openDatabase() {
      const database = await disk.openDatabase();
      return { ...database, batch: (operations) => (damaged ? Promise.reject(damage) : database.batch(operations)) };
    },
  };
  const ledger = await openWith(found, clock.now);
  await alice.fund(ledger);
  damaged = true;
  for (let time = 0; time < 3; time += 1) {
    await expect(ledger.grant({ payer: `0x${'ab'.repeat(20)}`, amount: 1n, note: '' })).rejects.toMatchObject({
      code: 'LEDGER_DAMAGED',
    });
    clock.advance(recoverPauseMs);
  }
  await ledger.close();
});

describe('a disk that stays broken', () => {
  it('refuses everything with LEDGER_WRITE, reads at most once per pause, and continues when the disk is back', async () => {
    const disk = memoryDisk();
    const clock = handClock();
    const ledger = await openWith(disk, clock.now);
    await alice.fund(ledger);
    await ledger.close();
    let down = false;
    let opens = 0;
    const flaky: LedgerDisk = {
      ...disk,
      async openDatabase() {
        opens += 1;
        if (down) throw new Error('gone');
        const database = await disk.openDatabase();
        return { ...database, batch: (operations) => (down ? Promise.reject(new Error('gone')) : database.batch(operations)) };
      },
    };
    const tried = await openWith(flaky, clock.now);
    down = true;
    for (let at = 0; at < 5; at += 1) {
      await expect(chargeOnce(tried, 'x')).rejects.toMatchObject({ code: 'LEDGER_WRITE' });
      expect(() => tried.reserve(channel, 1n, voucher)).toThrow(expect.objectContaining({ code: 'LEDGER_WRITE' }));
    }
    expect(opens).toBe(2);
    await new Promise((resolve) => setImmediate(resolve)); // the attempt started by the last refusal is over
    down = false;
    clock.advance(recoverPauseMs);
    await chargeOnce(tried, 'x');
    expect(tried.channel(channel)).toMatchObject({ charged: 10n, sequence: 1 });
    await tried.close();
  });
});
