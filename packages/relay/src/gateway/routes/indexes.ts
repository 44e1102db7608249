import { toListing } from '@tributary/client';
import type { Endpoint } from '../endpoint.ts';
import type { ListedIndexes } from '../list.ts';
import { gatewayIndexes } from '../schemas.ts';

export const indexesEndpoint: Endpoint<null, ListedIndexes> = {
  id: 'indexes',
  summary: "Lists the indexes that can be asked, with licence and price, and the node's own.",
  replies: { 200: { description: "Indexes on offer, and the node's own.", schema: gatewayIndexes } },
  parse: () => null,
  shape: ({ offers, own }) => ({ indexes: offers.map(toListing), ...(own === undefined ? {} : { own }) }),
};
