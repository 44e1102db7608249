import { exchange } from '@tributary/client/http';
import { checkShape, gatewayRecovered } from '@tributary/schemas';
import { z } from 'zod';
import { ownKey } from '../../arguments.ts';
import type { RecoveredSource } from './types.ts';

const withProof = z.object({ proof: z.unknown() });
const FROM = "the gateway's answer";

/** Those of the account of the API key, or of the gateway's own wallet. */
export function recoveredAtGateway(gateway: string, signal: AbortSignal): RecoveredSource {
  const calls = { gateway, ...ownKey(process.env) };
  const one = (receipt: string): string => `/v1/recovered/${receipt}`;
  return {
    list: async () => checkShape(gatewayRecovered, await exchange(calls, '/v1/recovered', null, { signal }), FROM).answers,
    proof: async (receipt) => checkShape(withProof, await exchange(calls, one(receipt), null, { signal }), FROM).proof,
    forget: async (receipt) => void (await exchange(calls, one(receipt), null, { signal, method: 'DELETE' })),
    close: async () => undefined,
  };
}
