import { address, amount, checkShape, text } from '@tributary/schemas';
import { z } from 'zod';
import type { AdminMethods } from '../admin/admin-server.ts';
import type { Ledger } from '../payments/ledger.ts';
import { checkStore, type DataCheck } from './check-data.ts';
import type { ProviderNode } from '../provider.ts';

const indexParams = z.strictObject({ index: text(128).min(1) });
const grantParams = z.strictObject({ payer: address, amount, note: text(256) });
const payerParams = z.strictObject({ payer: address });

/** What the person who runs a provider can ask of it, over the admin socket. */
export function providerAdmin(node: Omit<ProviderNode, 'close'>, ledger: Ledger, unit: string): AdminMethods {
  const indexOf = (params: unknown) => checkShape(indexParams, params, 'parameters').index;
  return {
    status: async () => ({
      role: 'provider',
      did: node.keys.owner.did,
      addresses: node.addresses(),
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
      ...inWords(ledger.risk()),
    }),
    publishPreview: async (params) => node.publishPreview(indexOf(params)),
    publish: async (params) => node.publish(indexOf(params)),
    unpublish: async (params) => node.unpublish(indexOf(params)),
    check: async (): Promise<Record<string, DataCheck>> => checkStore(node.store, () => undefined),
  };
}

function accountOf(ledger: Ledger, payer: string) {
  return { payer, ...inWords(ledger.account(payer)) };
}

/** JSON has no bigint: money goes as decimal strings. */
function inWords(money: object): Record<string, string | number> {
  return Object.fromEntries(
    Object.entries(money).map(([name, value]: [string, bigint | number]) => [
      name,
      typeof value === 'bigint' ? String(value) : value,
    ]),
  );
}
