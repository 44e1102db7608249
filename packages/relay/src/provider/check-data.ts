import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { networkOf } from '@tributary/proof/payment';
import { isTributaryError } from '@tributary/schemas';
import { openStore, type CheckProgress, type Store } from '@tributary/store';
import { openProviderFolder, type ProviderFolder } from '../keys.ts';
import type { Ledger } from '../payments/ledger.ts';
import { openDiskLedger } from '../payments/open-ledger.ts';

/** The result for one part of a data folder. */
export interface DataCheck {
  ok: boolean;
  summary: string;
  findings: { code: string; where: string; message: string }[];
  findingsCount: number;
}

export type DataCheckProgress = (part: string, progress: CheckProgress) => void;

/** Verifies everything on the disk of a stopped provider: each index and the ledger. */
export async function checkData(dataDirectory: string, onProgress: DataCheckProgress): Promise<Record<string, DataCheck>> {
  const folder = await openProviderFolder(dataDirectory, randomBytes);
  try {
    const reports = await checkClosedStore(dataDirectory, folder, onProgress);
    reports['ledger'] = await checkClosedLedger(dataDirectory, folder);
    return reports;
  } finally {
    await folder.close();
  }
}

async function checkClosedStore(
  dataDirectory: string,
  { keys, parts }: ProviderFolder,
  onProgress: DataCheckProgress,
): Promise<Record<string, DataCheck>> {
  const owner = { seed: keys.owner.seed };
  const store = await openStore({ directory: join(dataDirectory, 'store'), owner, parts: parts.below('store') });
  try {
    return await checkStore(store, onProgress);
  } finally {
    await store.close();
  }
}

/** Checks each index of an open store. An index that cannot be opened is a finding. */
export async function checkStore(store: Store, onProgress: DataCheckProgress): Promise<Record<string, DataCheck>> {
  const reports: Record<string, DataCheck> = {};
  for (const { name, error } of store.failed()) reports[name] = failure(error, name);
  for (const { name } of store.indexes()) {
    const { ok, writes, records, snapshots, findings, findingsCount } = await store
      .index(name)
      .check((progress) => onProgress(name, progress));
    reports[name] = { ok, summary: `${writes} writes, ${records} records, ${snapshots} snapshots`, findings, findingsCount };
  }
  return reports;
}

async function checkClosedLedger(dataDirectory: string, { keys, parts }: ProviderFolder): Promise<DataCheck> {
  try {
    await parts.expect('ledger/db');
    const ledger = await openDiskLedger(join(dataDirectory, 'ledger'), {
      network: networkOf(keys.owner.did),
      payee: keys.receipt.address,
      receiptKey: keys.receipt.privateKey,
      now: Date.now,
    });
    const report = await checkLedger(ledger);
    await ledger.close();
    return report;
  } catch (error) {
    return failure(error, 'ledger');
  }
}

/** Checks the whole chain of an open ledger, whatever checkpoint it was opened from. */
export async function checkLedger(ledger: Ledger): Promise<DataCheck> {
  try {
    await ledger.verify();
  } catch (error) {
    return failure(error, 'ledger');
  }
  const { granted, charged, openChannels } = ledger.risk();
  return {
    ok: true,
    summary: `${granted} granted, ${charged} charged on ${openChannels} open channels`,
    findings: [],
    findingsCount: 0,
  };
}

function failure(error: unknown, where: string): DataCheck {
  const code = isTributaryError(error) ? error.code : 'INTERNAL';
  const message = error instanceof Error ? error.message : String(error);
  return { ok: false, summary: 'cannot be opened', findings: [{ code, where, message }], findingsCount: 1 };
}
