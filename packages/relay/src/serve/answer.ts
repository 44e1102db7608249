import { RelayError } from '../errors.ts';
import { Refused, type Admitted, type Outcome, type ServeState } from './types.ts';

/**
 * Lets the index answer. Records marked `sell: never` are found for the owner only. Work that nobody waits for any more ends here,
 * before it is charged.
 *
 * @throws StoreError as the index does; Refused ABORTED; RelayError DEADLINE
 */
export async function answer(
  { head, request, served, offer, context }: Admitted,
  { dependencies }: ServeState,
): Promise<Outcome> {
  const options = { buyer: context.isOwner ? 'owner' : 'other', topKMax: offer.offer.limits.topK } as const;
  const outcome = await served.index.answer({ parsed: request }, options);
  if (context.signal?.aborted === true) throw new Refused('ABORTED', 'cancelled before it was charged');
  if (dependencies.now() >= head.deadline)
    throw new RelayError('DEADLINE', 'not answered before the deadline; nothing was charged');
  return outcome;
}
