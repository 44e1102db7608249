import { address, amount, checkShape, count, hash, text } from '@tributary/schemas';
import { z } from 'zod';
import type { AdminMethods } from '../admin/admin-server.ts';
import type { LedgerChannel } from '../ledger/balances.ts';
import type { Ledger } from '../payments/ledger.ts';
import { checkLedger, checkStore, type DataCheck } from './check-data.ts';
import { ledgerPageEntriesMax } from './limits.ts';
import type { ProviderMetrics } from '../observe/provider-metrics.ts';
import type { ProviderNode } from './types.ts';

const indexParams = z.strictObject({ index: text(128).min(1) });
const grantParams = z.strictObject({ payer: address, amount, note: text(256) });
const channelParams = z.strictObject({ channel: hash });
const pageParams = z.strictObject({ first: count.min(1) });
const place = { namespace: text(4_096), document: text(4_096).min(1) };
const documentsParams = z.strictObject({ index: text(128).min(1), after: z.strictObject(place).nullable() });
const documentParams = z.strictObject({ index: text(128).min(1), ...place });
const payerParams = z.strictObject({ payer: address });

/** The methods of a provider's admin socket. */
export function providerAdmin(
  node: Omit<ProviderNode, 'close'>,
  ledger: Ledger,
  metrics: ProviderMetrics,
  unit: string,
): AdminMethods {
  const indexOf = (params: unknown) => checkShape(indexParams, params, 'parameters').index;
  return {
    status: async () => ({
      role: 'provider',
      did: node.keys.owner.did,
      addresses: node.addresses(),
      rehearsal: node.rehearsal,
      sellsEmbeddingsOf: node.sellsEmbeddings ? node.embedder.card.id : null,
      indexes: node.store.indexes().map(({ id, records, visibility }) => ({ id, records, visibility })),
    }),
    grant: async (params) => {
      const grant = checkShape(grantParams, params, 'parameters');
      await ledger.grant({ payer: grant.payer, amount: BigInt(grant.amount), note: grant.note });
      return accountOf(ledger, grant.payer);
    },
    account: async (params) => accountOf(ledger, checkShape(payerParams, params, 'parameters').payer),
    balance: async () => ({
      role: 'provider',
      did: node.keys.owner.did,
      payee: node.keys.receipt.address,
      unit,
      ...ledger.risk(),
    }),
    channels: async () => ({ channels: ledger.channels().map(channelOf) }),
    closeChannel: async (params) => ledger.closeChannel(checkShape(channelParams, params, 'parameters').channel),
    ledgerPage: async (params) => ledgerPage(ledger, checkShape(pageParams, params, 'parameters').first),
    publishPreview: async (params) => node.publishPreview(indexOf(params)),
    documents: async (params) => {
      const { index, after } = checkShape(documentsParams, params, 'parameters');
      return { documents: await node.store.index(index).documents(after) };
    },
    deleteDocument: async (params) => {
      const { index, ...place } = checkShape(documentParams, params, 'parameters');
      return node.store.index(index).deleteDocument(place);
    },
    deleteIndex: async (params) => node.deleteIndex(indexOf(params)),
    publish: async (params) => node.publish(indexOf(params)),
    unpublish: async (params) => node.unpublish(indexOf(params)),
    earnings: async () => ({ unit, earnings: ledger.earnings() }),
    metrics: async () => ({ text: await metrics.text() }),
    check: async (): Promise<Record<string, DataCheck>> => ({
      ...(await checkStore(node.store, () => undefined)),
      ledger: await checkLedger(ledger),
    }),
  };
}

function accountOf(ledger: Ledger, payer: string) {
  return { payer, ...ledger.account(payer) };
}

function channelOf({ id, terms, deposit, charged, sequence, best, closed }: Readonly<LedgerChannel>) {
  return {
    channel: id,
    payer: terms.payer,
    payee: terms.payee,
    receipts: sequence,
    closed,
    deposit,
    charged,
    best,
  };
}

/** Ledger lines from entry `first`, as many as fit in one answer of the socket. `next` is null at the end. */
async function ledgerPage(ledger: Ledger, first: number): Promise<{ lines: string[]; next: number | null }> {
  const lines: string[] = [];
  for await (const line of ledger.export(first)) {
    if (lines.length === ledgerPageEntriesMax) return { lines, next: first + lines.length };
    lines.push(line);
  }
  return { lines, next: null };
}
