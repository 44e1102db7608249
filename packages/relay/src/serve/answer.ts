import { RelayError } from '../errors.ts';
import { rankOf, Refused, type Admitted, type Outcome, type ServeState } from './types.ts';

/**
 * Lets the index answer when it is this question's turn. Records marked `sell: never` are found for the owner only.
 * Work for a client that has gone ends here, before it is charged.
 *
 * @throws StoreError from the index; Refused ABORTED, OVERLOADED; RelayError DEADLINE
 */
export async function answer(
  { head, request, served, offer, paid, context }: Admitted,
  { dependencies, queue }: ServeState,
): Promise<Outcome> {
  const options = { client: context.isOwner ? 'owner' : 'other', topKMax: offer.offer.limits.topK } as const;
  const mustBeWanted = (): void => {
    if (context.signal?.aborted === true) throw new Refused('ABORTED', 'cancelled before it was charged');
    if (dependencies.now() >= head.deadline)
      throw new RelayError('DEADLINE', 'not answered before the deadline; nothing was charged');
  };
  const work = () => {
    mustBeWanted();
    return served.index.answer({ parsed: request }, options);
  };
  // A question that waits for a write does no work meanwhile, so it takes its place only then. The store limits how
  // many wait and how long.
  const { minSequence } = request;
  if (minSequence !== null && minSequence > served.index.info().sequence) await served.index.reached(minSequence);
  const outcome = await queue.run({ rank: rankOf(context, paid !== null), peer: context.peer }, work);
  mustBeWanted();
  return outcome;
}
