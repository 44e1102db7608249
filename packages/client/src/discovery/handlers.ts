import {
  TributaryError,
  announcedOffersMax,
  peerAddressesMax,
  type MethodName,
  type MethodParams,
  type SignedOffer,
} from '@tributary/schemas';
import type { Directory } from './directory.ts';
import { announcementBytesMax } from './limits.ts';
import type { OwnAnnouncement } from './types.ts';
import type { CallContext, LinkHandlers } from '../link/types.ts';

/** What every node does for its peers: takes their announcements, and sends them addresses of others. */
export function directoryHandlers(directory: Directory, own: OwnAnnouncement): LinkHandlers {
  return {
    ask: () =>
      Promise.resolve({ refusal: { code: 'INDEX_NOT_FOUND', message: 'this node offers no index', retryAfterMs: null } }),
    call: (method, params, context) => answerDirectoryCall(directory, own, method, params, context),
  };
}

/** As many offers, from the first, as fit in one announcement. With one too many, all of it would be refused. */
export function fittingOffers(offers: readonly SignedOffer[]): SignedOffer[] {
  let bytes = 0;
  const end = offers.findIndex(({ body }) => (bytes += Buffer.byteLength(body)) > announcementBytesMax);
  return offers.slice(0, Math.min(end < 0 ? offers.length : end, announcedOffersMax));
}

/** @throws TributaryError METHOD_UNKNOWN for a method that only providers serve */
export async function answerDirectoryCall<M extends MethodName>(
  directory: Directory,
  own: OwnAnnouncement,
  method: M,
  params: MethodParams<M>,
  context: CallContext,
): Promise<unknown> {
  if (method === 'announce') {
    await directory.hear((params as MethodParams<'announce'>).announcement, context);
    return { announcement: own(context.peer) };
  }
  if (method === 'peers') return { addresses: directory.addressesFor(context.host).slice(0, peerAddressesMax) };
  throw new TributaryError('METHOD_UNKNOWN', `this node does not answer '${method}'`);
}
