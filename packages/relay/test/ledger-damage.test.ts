import { cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isTributaryError } from '@tributary/schemas';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entryKey, journalKey } from '../src/ledger/keys.ts';
import type { Ledger } from '../src/payments/ledger.ts';
import { memoryDisk } from './support/memory-disk.ts';
import { openLedger, openDiskLedger } from '../src/payments/open-ledger.ts';
import { ledgerOptions, payingChannel, ticketIdOf } from '../src/testing/ledger-fixture.ts';

const alice = payingChannel({ cumulative: 900n });
const { channel } = alice;
const CHARGES = 8;

async function fill(ledger: Ledger): Promise<void> {
  await alice.fund(ledger);
  for (let at = 0; at < CHARGES; at += 1) await alice.charge(ledger, `t${at}`, 5n);
}

/** Everything that money or a repeat depends on. */
async function contents(ledger: Ledger): Promise<unknown> {
  const lines: string[] = [];
  for await (const line of ledger.export()) lines.push(line);
  const rows = await Promise.all(Array.from({ length: CHARGES }, (_, at) => ledger.ticket(channel, ticketIdOf(`t${at}`))));
  return { lines, rows, channel: ledger.channel(channel), account: ledger.account(alice.payer.address) };
}

describe('a damaged ledger on disk', () => {
  let directory: string;
  let whole: unknown;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tributary-damage-'));
    const ledger = await openDiskLedger(join(directory, 'good'), ledgerOptions);
    await fill(ledger);
    whole = await contents(ledger);
    await ledger.close();
  });
  afterAll(() => rm(directory, { recursive: true }));

  const damagedCopy = async (name: string, file: string, change: (bytes: Buffer) => void): Promise<string> => {
    const copy = join(directory, name);
    await cp(join(directory, 'good'), copy, { recursive: true });
    const bytes = await readFile(join(copy, file));
    change(bytes);
    await writeFile(join(copy, file), bytes);
    return copy;
  };
  const rows = join('db', 'rows');

  it.each(['"type":"grant"', '"type":"open"', '"chargedTotal":"15"', '"goneBody":null'])(
    'refuses a flipped byte at %s',
    async (where) => {
      const copy = await damagedCopy(`flip${where.replaceAll(/\W/g, '')}`, rows, (bytes) => {
        const at = bytes.indexOf(where);
        expect(at).toBeGreaterThan(0);
        bytes[at + 9]! ^= 1;
      });
      await expect(openDiskLedger(copy, ledgerOptions)).rejects.toMatchObject({ code: 'LEDGER_DAMAGED' });
    },
  );

  it('exports no ledger that has lost an entry since its checkpoint', async () => {
    const disk = memoryDisk();
    const ledger = await openLedger({ ...ledgerOptions, disk });
    await fill(ledger);
    const lines = ((await contents(ledger)) as { lines: string[] }).lines.length;
    const from = async (first: number): Promise<number> => {
      let count = 0;
      for await (const line of ledger.export(first)) count += line.length > 0 ? 1 : 0;
      return count;
    };
    expect([await from(1), await from(lines), await from(lines + 1)]).toEqual([lines, 1, 0]);
    const database = await disk.openDatabase();
    for (const key of [3, lines].map(entryKey)) {
      const value = database.get(key)!;
      await database.batch([{ key, value: null }]);
      await expect(from(1)).rejects.toMatchObject({ code: 'LEDGER_DAMAGED' });
      await database.batch([{ key, value }]);
    }
    expect(await from(1)).toBe(lines);
    await ledger.close();
  });

  it('refuses a flipped byte anywhere in its files, or has lost nothing by it', async () => {
    const files = ['head', ...(await readdir(join(directory, 'good', 'db'))).map((name) => join('db', name))];
    let refused = 0;
    for (let at = 0; at < 60; at += 1) {
      const file = files[at % files.length]!;
      const { size } = await stat(join(directory, 'good', file));
      if (size === 0) continue;
      const copy = await damagedCopy(`any${at}`, file, (bytes) => {
        bytes[(at * 7_919) % size]! ^= 1 << (at % 8);
      });
      try {
        const ledger = await openDiskLedger(copy, ledgerOptions);
        expect(await contents(ledger)).toEqual(whole);
        await ledger.close();
      } catch (error) {
        if (!isTributaryError(error)) throw error;
        expect(['LEDGER_DAMAGED', 'LEDGER_WRITE']).toContain(error.code);
        refused += 1;
      }
      await rm(copy, { recursive: true });
    }
    expect(refused).toBeGreaterThan(5);
  });

  it('refuses to be open twice', async () => {
    const copy = await damagedCopy('twice', 'head', () => undefined);
    const ledger = await openDiskLedger(copy, ledgerOptions);
    await expect(openDiskLedger(copy, ledgerOptions)).rejects.toMatchObject({ code: 'STORE_LOCKED' });
    await ledger.close();
  });

  it('refuses a database that is missing, and a head that is missing', async () => {
    const noDatabase = await damagedCopy('nodb', 'head', () => undefined);
    await rm(join(noDatabase, 'db'), { recursive: true });
    await expect(openDiskLedger(noDatabase, ledgerOptions)).rejects.toMatchObject({ code: 'LEDGER_DAMAGED' });
    const noHead = await damagedCopy('nohead', 'head', () => undefined);
    await rm(join(noHead, 'head'));
    await expect(openDiskLedger(noHead, ledgerOptions)).rejects.toMatchObject({ code: 'LEDGER_DAMAGED' });
  });
});

describe('rows that contradict each other', () => {
  const damage = async (change: (disk: ReturnType<typeof memoryDisk>) => Promise<void>): Promise<unknown> => {
    const disk = memoryDisk();
    const ledger = await openLedger({ ...ledgerOptions, disk });
    await fill(ledger);
    await ledger.close();
    await change(disk);
    return openLedger({ ...ledgerOptions, disk }).then(
      () => 'opened',
      (error: unknown) => error,
    );
  };
  const drop = (key: Buffer) => damage(async (disk) => (await disk.openDatabase()).batch([{ key, value: null }]));

  it('says where the chain breaks', async () => {
    expect(await drop(entryKey(4))).toMatchObject({
      code: 'LEDGER_DAMAGED',
      message: expect.stringContaining('entry 4 is missing'),
    });
  });

  it('refuses a tail that is missing though it was acknowledged', async () => {
    expect(await drop(entryKey(2 + CHARGES))).toMatchObject({ message: expect.stringContaining(`ends at entry ${1 + CHARGES}`) });
  });

  it('refuses a charge without its journal row', async () => {
    expect(await drop(journalKey(channel, ticketIdOf('t3')))).toMatchObject({
      message: expect.stringContaining('journal row of ledger entry 6'),
    });
  });

  it('refuses a journal row that claims to be younger than any entry', async () => {
    const error = await damage(async (disk) => {
      const database = await disk.openDatabase();
      const key = journalKey(channel, ticketIdOf('t3'));
      const row = JSON.parse(String(database.get(key))) as { entry: number };
      await database.batch([{ key, value: Buffer.from(JSON.stringify({ ...row, entry: 99 })) }]);
    });
    expect(error).toMatchObject({ code: 'LEDGER_DAMAGED', message: expect.stringContaining('entry 99') });
  });

  it('refuses more entries than two groups beyond the head', async () => {
    const error = await damage(async (disk) =>
      (await disk.openHead()).write({ sequence: 0, hash: new Uint8Array(32), snapshot: 0 }),
    );
    expect(error).toBe('opened');
    const disk = memoryDisk();
    const ledger = await openLedger({ ...ledgerOptions, disk });
    for (let at = 0; at < 257; at += 1) await ledger.grant({ payer: alice.payer.address, amount: 1n, note: '' });
    await ledger.close();
    await (await disk.openHead()).write({ sequence: 0, hash: new Uint8Array(32), snapshot: 0 });
    await expect(openLedger({ ...ledgerOptions, disk })).rejects.toMatchObject({
      message: expect.stringContaining('more than two groups'),
    });
  });
});
