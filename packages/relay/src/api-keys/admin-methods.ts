import { apiKeyId, apiKeyTerms, checkShape } from '@tributary/schemas';
import { z } from 'zod';
import type { AdminMethods } from '../admin/admin-server.ts';
import type { ApiKeys } from './types.ts';

const idParams = z.strictObject({ id: apiKeyId });

/** The methods of the admin socket for API keys. */
export function apiKeyAdmin(keys: Omit<ApiKeys, 'close'>): AdminMethods {
  const idOf = (params: unknown) => checkShape(idParams, params, 'parameters').id;
  return {
    keyCreate: (params) => keys.create(checkShape(apiKeyTerms, params, 'parameters')),
    keyList: async () => ({ keys: keys.list() }),
    keyRotate: (params) => keys.rotate(idOf(params)),
    keyRevoke: async (params) => ({ info: await keys.revoke(idOf(params)) }),
  };
}
