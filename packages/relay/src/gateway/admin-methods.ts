import type { OpenClient } from '@tributary/client';
import { checkShape, hash } from '@tributary/schemas';
import { z } from 'zod';
import type { AdminMethods } from '../admin/admin-server.ts';

const channelParams = z.strictObject({ channel: hash });

/** What the person who runs a gateway can ask of it, over the admin socket. */
export function gatewayAdmin(client: OpenClient, url: string): AdminMethods {
  return {
    status: async () => ({ role: 'gateway', url, addresses: client.node.addresses(), payer: client.wallet.address }),
    balance: async () => ({
      role: 'gateway',
      payer: client.wallet.address,
      ...(await client.wallet.totals()),
    }),
    closeChannel: async (params) => {
      const { channel } = checkShape(channelParams, params, 'parameters');
      return { refunded: await client.closeChannel(channel) };
    },
  };
}
