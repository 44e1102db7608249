import { join } from 'node:path';
import { openHeadFile } from '@tributary/runtime';
import { sha256, sha256Parts, toBase64url, toHex, u64, utf8 } from '@tributary/proof/primitives';
import { indexIdOf, ledgerOptions, openDiskLedger, payingChannel, type Ledger } from '@tributary/relay/testing';
import { openDatabase } from '@tributary/store';
import { median, timed } from './harness.ts';
import type { Bench, BenchContext, Row } from './types.ts';

interface Sizes {
  readonly entries: readonly number[];
  readonly rounds: number;
}

const DEPOSIT = 10n ** 9n;
const paying = payingChannel({ granted: DEPOSIT, deposit: DEPOSIT });
const { channel, voucher } = paying;
const AT_MS = ledgerOptions.now();
const hash = toHex(sha256(utf8('some hash')));

/** Charges that are made as a provider makes them, at the start and at the end. */
const REAL = 64;
const BATCH_ENTRIES = 4_096;

/**
 * Time to open a ledger from its checkpoint, compared with reading all of it, at two sizes. Most entries are written
 * directly into the database as docs/spec/ledger.md specifies, because charging a million times takes longer than the
 * measurement.
 */
export const ledgerOpenBench: Bench<Sizes> = {
  name: 'ledger-open',
  summary: 'opening a ledger of 10^4 and 10^6 entries from its checkpoint, against reading all of it',
  full: { entries: [10_000, 1_000_000], rounds: 3 },
  smoke: { entries: [5_000], rounds: 1 },
  async run({ entries, rounds }, context) {
    const rows: Row[] = [];
    for (const count of entries) rows.push(await measure(count, rounds, context));
    const notes = [
      `median of ${rounds} openings each (of the largest ledger one full reading), the same files on both sides`,
      'no journal rows in the part that is not read: a full reading of a busy ledger checks those of ten minutes as well',
    ];
    return { rows, notes };
  },
};

async function measure(entries: number, rounds: number, { folder, progress }: BenchContext): Promise<Row> {
  const directory = join(folder, `ledger-${entries}`);
  const open = () => openDiskLedger(directory, ledgerOptions);
  const charged = async (from: number) => {
    const ledger = await open();
    for (let at = from; at < from + REAL; at += 1) await charge(ledger, at);
    await ledger.close();
  };
  progress(`${entries} entries are written`);
  const ledger = await open();
  await paying.fund(ledger);
  await ledger.close();
  await charged(3);
  await writeEntries(directory, REAL + 2, entries - REAL);
  const once = () => timed(async () => (await open()).close());
  const [fast, whole]: [number[], number[]] = [[], []];
  const readings = entries > 100_000 ? 1 : rounds;
  for (let round = 1; round <= readings; round += 1) {
    progress(`${entries} entries, full reading ${round} of ${readings}`);
    whole.push(await once());
  }
  await charged(entries - REAL + 1); // the checkpoint is written with these
  for (let round = 1; round <= rounds; round += 1) fast.push(await once());
  const what = `open a ledger of ${entries.toLocaleString('en')} entries`;
  const [ours, baseline] = [median(fast), median(whole)];
  return { what, ours, baseline, unit: 'ms', ratio: baseline / ours, aim: null };
}

/** Charges from entry `from + 1` to `last`, with their journal rows pruned. */
async function writeEntries(directory: string, from: number, last: number): Promise<void> {
  const key = (entry: number) => Buffer.concat([Buffer.from('e'), u64(entry)]);
  const database = await openDatabase(join(directory, 'db'));
  let before = Uint8Array.from(database.get(key(from))!.subarray(0, 32));
  let operations: { key: Buffer; value: Uint8Array }[] = [];
  for (let entry = from + 1; entry <= last; entry += 1) {
    const body = utf8(chargeEntry(entry));
    before = Uint8Array.from(sha256Parts(TAG, before, body));
    operations.push({ key: key(entry), value: Buffer.concat([before, body]) });
    if (operations.length < BATCH_ENTRIES && entry < last) continue;
    await database.batch(operations);
    operations = [];
  }
  const mark = Buffer.concat([u64(last), u64(AT_MS - 1)]);
  await database.batch([{ key: Buffer.from('mpruned'), value: Buffer.concat([mark, sha256(mark)]) }]);
  await database.close();
  const head = await openHeadFile(join(directory, 'head'));
  await head.read();
  await head.write({ sequence: last, hash: before, snapshot: 0 });
  await head.close();
}

const TAG = utf8('tributary/ledger-entry/v1\n');
const index = indexIdOf('docs');
const ticketOf = (entry: number): string => toBase64url(Buffer.concat([new Uint8Array(8), u64(entry)]));

/** Each charge is one unit, so receipt number and running total are the same. */
function chargeEntry(entry: number): string {
  const number = entry - 2;
  const place = { v: 1, entry, type: 'charge', at: AT_MS, channel, ticket: ticketOf(entry), index, sequence: number };
  const money = { status: 'ok', charge: '1', chargedTotal: String(number), receiptHash: hash, voucher };
  return JSON.stringify({ ...place, ...money, journal: hash, keepUntil: AT_MS });
}

function charge(ledger: Ledger, at: number): Promise<unknown> {
  const items = Array.from({ length: 10 }, (_, slot) => ({
    slot,
    version: at,
    score: 0.5,
    dense: 0.5,
    bm25: null,
    relevance: 0.5,
  }));
  return paying.charge(ledger, '', 1n, {
    ticket: ticketOf(at),
    request: JSON.stringify({ v: 1, type: 'tributary/query', text: 'how does a river meet the sea' }),
    answer: { snapshot: 1, items, queryVector: null, statistics: null },
  });
}
