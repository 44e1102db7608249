import { networkOf } from '@tributary/proof/payment';
import { describe, expect, it } from 'vitest';
import { readCheckpoint, signCheckpoint, writeBalances } from '../src/ledger/checkpoint.ts';
import type { LedgerDisk } from '../src/ledger/disk.ts';
import { entryKey, journalKey } from '../src/ledger/keys.ts';
import type { LedgerOptions } from '../src/ledger/open-files.ts';
import type { Ledger } from '../src/payments/ledger.ts';
import { recoverPauseMs } from '../src/ledger/limits.ts';
import { memoryDisk } from './support/memory-disk.ts';
import { openLedger } from '../src/payments/open-ledger.ts';
import { checkLedger } from '../src/provider/check-data.ts';
import { faultyDisk } from './support/faulty-disk.ts';
import {
  handClock,
  ledgerOptions,
  NETWORK,
  PAYEE,
  payingChannel,
  RECEIPT_KEY,
  ticketIdOf,
} from '../src/testing/ledger-fixture.ts';

const alice = payingChannel({ cumulative: 900n });
const { channel } = alice;
const every = 4;

type Disk = LedgerDisk & { checkpoint: NonNullable<LedgerDisk['checkpoint']> };
const memory = () => memoryDisk() as Disk;

/** A disk that counts how many entries were read in sequence. */
function counting(disk: Disk): { disk: Disk; read(): number } {
  let read = 0;
  return {
    read: () => read,
    disk: {
      ...disk,
      async openDatabase() {
        const database = await disk.openDatabase();
        return {
          ...database,
          async *scan(range, limit) {
            for await (const row of database.scan(range, limit)) {
              if (row[0][0] === 'e'.charCodeAt(0)) read += 1;
              yield row;
            }
          },
        };
      },
    },
  };
}

const faults: unknown[] = [];
function open(disk: LedgerDisk, change: Partial<LedgerOptions> = {}): Promise<Ledger> {
  faults.length = 0;
  const fault = (error: unknown) => void faults.push(error);
  return openLedger({ ...ledgerOptions, disk, checkpointEvery: every, fault, ...change });
}

async function charge(ledger: Ledger, from: number, to: number): Promise<void> {
  for (let at = from; at < to; at += 1) await alice.charge(ledger, `t${at}`, 5n);
}

/** Two entries, then a charge for each of `charges`. */
async function filled(charges: number, change: Partial<LedgerOptions> = {}): Promise<Disk> {
  const disk = memory();
  const ledger = await open(disk, change);
  await alice.fund(ledger);
  await charge(ledger, 0, charges);
  await ledger.close();
  return disk;
}

async function copyOf(disk: Disk, checkpoint: Uint8Array | null): Promise<Disk> {
  const copy = memory();
  const [from, to] = [await disk.openDatabase(), await copy.openDatabase()];
  for await (const [key, value] of from.scan({ gte: Buffer.alloc(0), lt: Buffer.from([255]) })) await to.batch([{ key, value }]);
  const head = await (await disk.openHead()).read();
  if (head !== null) await (await copy.openHead()).write(head);
  if (checkpoint !== null) await copy.checkpoint.write(checkpoint);
  return copy;
}

async function contents(ledger: Ledger, charges: number): Promise<unknown> {
  const lines: string[] = [];
  for await (const line of ledger.export()) lines.push(line);
  const rows = await Promise.all(Array.from({ length: charges }, (_, at) => ledger.ticket(channel, ticketIdOf(`t${at}`))));
  return { lines, rows, channels: ledger.channels(), account: ledger.account(alice.payer.address), earned: ledger.earnings() };
}

/** The same balances as of another ledger whose checkpoints have the same key. */
function signedAgain(good: Uint8Array, network: typeof NETWORK): Buffer {
  const read = readCheckpoint(good, NETWORK, PAYEE);
  if (typeof read === 'string') throw new Error(read);
  return Buffer.from(signCheckpoint(writeBalances({ tip: read.tip, balances: { ...read.balances, network } }, 0), RECEIPT_KEY));
}

const damaged = (what: string) => ({ code: 'LEDGER_DAMAGED', message: expect.stringContaining(what) });

describe('a ledger that is opened from its checkpoint', () => {
  it('reads only the tail, and knows everything that it knew', async () => {
    const disk = await filled(16);
    const counted = counting(disk);
    const ledger = await open(counted.disk);
    expect(counted.read()).toBeLessThan(every + 1);
    const known = await contents(ledger, 16);
    await ledger.verify();
    await charge(ledger, 16, 20);
    await ledger.close();
    const whole = await open(await copyOf(disk, null));
    expect(await contents(whole, 16)).not.toEqual(known);
    expect(faults).toEqual([]);
    const again = await open(disk);
    expect(await contents(again, 20)).toEqual(await contents(whole, 20));
    await Promise.all([again.close(), whole.close()]);
  });

  it('goes on from there after a failed write', async () => {
    const disk = await filled(16);
    const clock = handClock();
    const counted = counting(disk);
    const broken = faultyDisk(counted.disk, { write: 'batch', nth: 1, persisted: true });
    const ledger = await open(broken, { now: clock.now });
    const before = counted.read();
    await expect(charge(ledger, 16, 17)).rejects.toMatchObject({ code: 'LEDGER_WRITE' });
    clock.advance(recoverPauseMs);
    expect(await ledger.ticket(channel, ticketIdOf('t16'))).not.toBeNull();
    expect(counted.read() - before).toBeLessThan(every + 2);
    expect(ledger.channel(channel)).toMatchObject({ sequence: 17, charged: 85n });
    await ledger.close();
  });

  it.each([true, false])('loses nothing when a checkpoint cannot be written (persisted: %s)', async (persisted) => {
    const disk = memory();
    const broken = faultyDisk(disk, { write: 'checkpoint', nth: 1, persisted, times: 3 });
    const ledger = await open(broken);
    await alice.fund(ledger);
    await charge(ledger, 0, 16);
    await ledger.close();
    expect(broken.failed).toBe(3);
    expect(faults).toHaveLength(3);
    const again = await open(disk);
    expect(again.channel(channel)).toMatchObject({ sequence: 16, charged: 80n });
    await again.verify();
    await again.close();
  });
});

describe('a checkpoint that may not be used', () => {
  const bad: [string, (good: Buffer) => Buffer | Promise<Uint8Array>][] = [
    ['torn', (good) => good.subarray(0, good.length / 2)],
    ['empty', () => Buffer.alloc(0)],
    ['with a flipped bit', (good) => Buffer.from(good.map((byte, at) => (at === 200 ? byte ^ 1 : byte)))],
    ['of another ledger', (good) => signedAgain(good, networkOf(`did:key:z6Mk${'x'.repeat(44)}`))],
    ['signed by an earlier key', async () => (await (await filled(16, { receiptKey: alice.payer.key })).checkpoint.read())!],
    ['of another form', () => Buffer.from(signCheckpoint('{"v":2}', RECEIPT_KEY))],
  ];
  it.each(bad)('%s: the whole chain is read instead, and this is logged', async (_, spoil) => {
    const disk = await filled(16);
    const good = Buffer.from((await disk.checkpoint.read())!);
    const counted = counting(await copyOf(disk, await spoil(good)));
    const ledger = await open(counted.disk);
    expect(counted.read()).toBe(18);
    expect(faults).toEqual([expect.objectContaining({ message: expect.stringContaining('checkpoint is not used') })]);
    const known = await contents(ledger, 16);
    await ledger.close();
    const trusted = await open(disk);
    expect(known).toEqual(await contents(trusted, 16));
    await trusted.close();
  });

  it('that is older than others works as well', async () => {
    const old = await (await filled(4)).checkpoint.read();
    const disk = await filled(16);
    const counted = counting(await copyOf(disk, old));
    const ledger = await open(counted.disk);
    expect(counted.read()).toBeGreaterThan(8);
    expect([counted.read() < 18, faults]).toEqual([true, []]);
    expect(ledger.channel(channel)).toMatchObject({ sequence: 16 });
    await ledger.verify();
    await ledger.close();
  });

  it('that is ahead of the chain proves that entries were lost, also when nothing is left', async () => {
    const ahead = await (await filled(16)).checkpoint.read();
    await expect(open(await copyOf(await filled(5), ahead))).rejects.toMatchObject(damaged('its signed checkpoint is of entry'));
    await expect(open(await copyOf(memory(), ahead))).rejects.toMatchObject(damaged('ends at entry 0'));
  });

  it('that is of another history of this ledger proves that one of them is wrong', async () => {
    const other = memory();
    const ledger = await open(other);
    await payingChannel({ granted: 3_000n }).fund(ledger);
    await charge(ledger, 0, 16);
    await ledger.close();
    const foreign = await other.checkpoint.read();
    await expect(open(await copyOf(await filled(16), foreign))).rejects.toMatchObject(damaged('signed checkpoint names'));
  });
});

describe('what a checkpoint covers', () => {
  const drop = async (disk: Disk, key: Buffer) => (await disk.openDatabase()).batch([{ key, value: null }]);

  it.each([
    ['an entry', entryKey(4), 'entry 4 is missing'],
    ['a journal row', journalKey(channel, ticketIdOf('t1')), 'journal row of ledger entry 4'],
  ])('is found damaged by verify when %s is missing, and nothing is served then', async (_, key, what) => {
    const disk = await filled(16);
    await drop(disk, key);
    const ledger = await open(disk);
    await expect(ledger.verify()).rejects.toMatchObject(damaged(what));
    await expect(charge(ledger, 16, 17)).rejects.toMatchObject({ code: 'LEDGER_WRITE' });
    await expect(ledger.ticket(channel, ticketIdOf('t0'))).rejects.toMatchObject(damaged(what));
    await ledger.close();
  });

  it('is verified by check, whose finding names what is damaged', async () => {
    const disk = await filled(16);
    const sound = await open(disk);
    expect(await checkLedger(sound)).toMatchObject({ ok: true, summary: '2000 granted, 80 charged on 1 open channels' });
    await sound.close();
    await drop(disk, entryKey(4));
    const ledger = await open(disk);
    const finding = { code: 'LEDGER_DAMAGED', where: 'ledger', message: expect.stringContaining('entry 4 is missing') };
    expect(await checkLedger(ledger)).toMatchObject({ ok: false, findings: [finding], findingsCount: 1 });
    await ledger.close();
  });

  it('is found wrong by verify when the balances were signed with another balance', async () => {
    const disk = await filled(16);
    const read = readCheckpoint((await disk.checkpoint.read())!, NETWORK, PAYEE);
    if (typeof read === 'string') throw new Error(read);
    read.balances.accounts.get(alice.payer.address)!.available += 500n;
    read.balances.accounts.get(alice.payer.address)!.granted += 500n;
    await disk.checkpoint.write(signCheckpoint(writeBalances(read, 0), RECEIPT_KEY));
    const ledger = await open(disk);
    expect(ledger.account(alice.payer.address).available).toBe(1_500n);
    await expect(ledger.verify()).rejects.toMatchObject(damaged('not those that follow from the chain'));
    await ledger.offers();
    expect(ledger.account(alice.payer.address).available).toBe(1_000n);
    await ledger.close();
  });
});
