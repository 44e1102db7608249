import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import {
  addressFromPublicKey,
  channelId,
  didFromPublicKey,
  ed25519PublicKey,
  makeIndexId,
  networkOf,
  secp256k1PublicKey,
  sha256,
  signOpenChannel,
  signVoucher,
  toBase64url,
  toHex,
  u64,
  utf8,
} from '@tributary/proof';
import { openDiskLedger, type Ledger } from '@tributary/relay/testing';
import { median, medianRatio, timed, valueRow } from './harness.ts';
import type { Bench, BenchContext, Row } from './types.ts';

interface Sizes {
  readonly entries: readonly number[];
  readonly rounds: number;
}

const seed = (name: string): Uint8Array => sha256(utf8(`benchmark key of ${name}`));
const owner = ed25519PublicKey(seed('owner'));
const network = networkOf(didFromPublicKey(owner));
const receiptKey = seed('receipt signer');
const address = (key: Uint8Array): string => addressFromPublicKey(secp256k1PublicKey(key));
const payer = address(seed('payer'));
const terms = { payer, voucherSigner: payer, payee: address(receiptKey), salt: toHex(seed('salt')) };
const channel = channelId(terms, network);
const DEPOSIT = String(10n ** 9n);
const held = { channel, cumulative: DEPOSIT, ctx: toHex(seed('ctx')) };
const voucher = { cumulative: DEPOSIT, ctx: held.ctx, signature: signVoucher(held, network, seed('payer')) };
const hash = toHex(seed('some hash'));

/** Pause between two charges: a busy provider's, so that journal rows come and go as they do there. */
const CHARGE_EVERY_MS = 20;
const AT_ONCE = 128;

/**
 * Time to open a ledger from its checkpoint, against reading all of it, at two ages. The ledger is written by charging, as a provider does,
 * with a clock that runs as it does for a busy one.
 */
export const ledgerOpenBench: Bench<Sizes> = {
  name: 'ledger-open',
  summary: 'opening a ledger of 10^4 and 10^6 entries from its checkpoint, against reading all of it',
  full: { entries: [10_000, 1_000_000], rounds: 3 },
  smoke: { entries: [200], rounds: 1 },
  async run({ entries, rounds }, context) {
    const rows: Row[] = [];
    for (const count of entries) rows.push(...(await measure(count, rounds, context)));
    return { rows, notes: [`median of ${rounds} rounds; both sides open the same files, one after the other`] };
  },
};

async function measure(entries: number, rounds: number, { folder, progress }: BenchContext): Promise<Row[]> {
  const directory = join(folder, `ledger-${entries}`);
  const clock = { ms: 1_800_000_000_000 };
  const open = (): Promise<Ledger> => openDiskLedger(directory, { network, payee: terms.payee, receiptKey, now: () => clock.ms });
  const ledger = await open();
  const seconds = (await timed(() => fill(ledger, entries, clock, progress))) / 1_000;
  await ledger.close();
  const [fast, whole]: [number[], number[]] = [[], []];
  const once = () => timed(async () => (await open()).close());
  const checkpoint = join(directory, 'checkpoint');
  for (let round = 1; round <= rounds; round += 1) {
    progress(`${entries} entries, round ${round} of ${rounds}`);
    fast.push(await once());
    if (entries > 10_000 && round > 1) continue; // one full reading of a million is enough
    await rename(checkpoint, `${checkpoint}.away`).catch(() => undefined);
    whole.push(await once());
    await rename(`${checkpoint}.away`, checkpoint).catch(() => undefined);
  }
  const what = `open a ledger of ${entries.toLocaleString('en')} entries`;
  return [
    {
      what,
      ours: median(fast),
      baseline: median(whole),
      unit: 'ms',
      ratio: medianRatio(whole, fast.slice(0, whole.length)),
      aim: null,
    },
    valueRow(`charges booked while it was written`, 'per second', entries / seconds),
  ];
}

async function fill(ledger: Ledger, entries: number, clock: { ms: number }, progress: (line: string) => void): Promise<void> {
  await ledger.grant({ payer, amount: BigInt(DEPOSIT), note: 'benchmark' });
  await ledger.openChannel(signOpenChannel(terms, { deposit: DEPOSIT, nonce: hash }, network, seed('payer')));
  for (let at = 2; at < entries; at += AT_ONCE) {
    clock.ms += AT_ONCE * CHARGE_EVERY_MS;
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, entries - at) }, (_, more) => charge(ledger, at + more, clock.ms)));
    if ((at - 2) % (AT_ONCE * 1_000) === 0) progress(`${at} of ${entries} entries`);
  }
}

function charge(ledger: Ledger, at: number, nowMs: number): Promise<unknown> {
  const items = Array.from({ length: 10 }, (_, slot) => ({
    slot,
    version: at,
    score: 0.5,
    dense: 0.5,
    bm25: null,
    relevance: 0.5,
  }));
  return ledger.charge(
    {
      channel,
      ticket: toBase64url(Buffer.concat([new Uint8Array(8), u64(at)])),
      deadline: nowMs + 30_000,
      offerHash: hash,
      requestHash: hash,
      responseHash: hash,
      manifestHash: hash,
      snapshot: 1,
      status: 'ok',
      charge: 1n,
      index: makeIndexId('docs', owner),
      request: JSON.stringify({ v: 1, type: 'tributary/query', text: 'how does a river meet the sea' }),
      answer: { snapshot: 1, items, queryVector: null, statistics: null },
      goneBody: null,
      voucher,
      exposure: null,
    },
    ledger.reserve(channel, 1n, voucher),
  );
}
