import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeLedger } from './support/ledger.suite.ts';
import { memoryDisk } from './support/memory-disk.ts';
import { openLedger, openDiskLedger } from '../src/payments/open-ledger.ts';

describeLedger('memory', () => {
  const disk = memoryDisk();
  return Promise.resolve({ open: (options) => openLedger({ ...options, disk }), remove: () => Promise.resolve() });
});

describeLedger('disk', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'tributary-ledger-'));
  return { open: (options) => openDiskLedger(directory, options), remove: () => rm(directory, { recursive: true }) };
});
