import type { OpenClient } from '@tributary/client';
import { checkShape, did, hash } from '@tributary/schemas';
import { z } from 'zod';
import { closeChannel } from '../accounts/close-channels.ts';
import { allTotals } from '../accounts/totals.ts';
import type { AdminMethods } from '../admin/admin-server.ts';

const forgiveParams = z.strictObject({ provider: did });
const channelParams = z.strictObject({ channel: hash });

/** The methods of a gateway's admin socket. */
export function gatewayAdmin(client: OpenClient, url: string): AdminMethods {
  return {
    status: async () => ({ role: 'gateway', url, addresses: client.node.addresses(), payer: client.wallet.address }),
    balance: async () => ({
      role: 'gateway',
      payer: client.wallet.address,
      ...(await allTotals(client)),
    }),
    closeChannel: async (params) => {
      const { channel } = checkShape(channelParams, params, 'parameters');
      return { refunded: await closeChannel(client, channel) };
    },
    faults: async () => ({ faults: client.faults.notes() }),
    forgive: async (params) => ({
      forgiven: await client.faults.forgive(checkShape(forgiveParams, params, 'parameters').provider),
    }),
  };
}
