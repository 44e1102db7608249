import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { readEntry } from '../src/ledger/entries.ts';
import { ledgerOptions, payingChannel, ticketIdOf } from '../src/testing/ledger-fixture.ts';
import { openDiskLedger } from '../src/payments/open-ledger.ts';

const KILLS = 10;
const CHILD = fileURLToPath(new URL('./support/ledger-child.ts', import.meta.url));
const { channel } = payingChannel();

/** Runs the provider for a while after its first answer, then kills it without warning. */
async function runAndKill(directory: string, acknowledgements: string, ms: number): Promise<void> {
  const child = spawn(process.execPath, [CHILD, directory, acknowledgements], { stdio: ['ignore', 'pipe', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (text) => (errors += String(text)));
  const exited = once(child, 'exit');
  await Promise.race([once(child.stdout, 'data'), exited]);
  child.stdout.resume();
  await pause(ms);
  child.kill('SIGKILL');
  const [, signal] = (await exited) as [number | null, string | null];
  if (signal !== 'SIGKILL') throw new Error(`the provider ended by itself: ${errors}`);
}

it(`loses no acknowledged charge and charges no ticket twice over ${KILLS} kills under load`, async () => {
  const directory = await mkdtemp(join(tmpdir(), 'tributary-kill-'));
  const ledgerFolder = join(directory, 'ledger');
  const acknowledgements = join(directory, 'acknowledged');
  let before = 0;
  for (let kill = 0; kill < KILLS; kill += 1) {
    // Any moment will do. A fixed spread makes a failure easier to reproduce than chance does.
    await runAndKill(ledgerFolder, acknowledgements, 20 + ((kill * 37) % 100));
    const ledger = await openDiskLedger(ledgerFolder, ledgerOptions);
    const charges = new Map<string, { sequence: number; charge: string }>();
    let total = 0n;
    for await (const line of ledger.export()) {
      const entry = readEntry(Buffer.from(/"entry":(.*)\}$/s.exec(line)![1]!));
      if (entry.type !== 'charge') continue;
      expect(charges.has(entry.ticket)).toBe(false);
      charges.set(entry.ticket, entry);
      total += BigInt(entry.charge);
    }
    const lines = existsSync(acknowledgements) ? (await readFile(acknowledgements, 'utf8')).trimEnd().split('\n') : [];
    for (const [name = '', sequence, charge] of lines.map((line) => line.split(' '))) {
      const booked = charges.get(ticketIdOf(name));
      expect([name, booked?.sequence, booked?.charge]).toEqual([name, Number(sequence), charge]);
    }
    expect(ledger.channel(channel)).toMatchObject({ charged: total, sequence: charges.size });
    expect(lines.length).toBeLessThanOrEqual(charges.size);
    expect(charges.size).toBeGreaterThanOrEqual(before);
    before = charges.size;
    await ledger.close();
  }
  expect(before).toBeGreaterThanOrEqual(KILLS);
  await rm(directory, { recursive: true });
}, 120_000);
