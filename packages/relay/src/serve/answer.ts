import { mustBeWanted } from './rules/terms.ts';
import { rankOf, type Admitted, type Outcome, type ServeState } from './types.ts';

/**
 * Lets the index answer when it is this question's turn. Records marked `sell: never` are found for the owner only.
 * Work for a client that has gone ends here, before it is charged.
 *
 * @throws StoreError from the index; Refused ABORTED, OVERLOADED; RelayError DEADLINE
 */
export async function answer(admitted: Admitted, state: ServeState): Promise<Outcome> {
  const { request, served, offer, paid, context } = admitted;
  const options = { client: context.isOwner ? 'owner' : 'other', topKMax: offer.offer.limits.topK } as const;
  const work = () => {
    mustBeWanted(admitted, state);
    return served.index.answer({ parsed: request }, options);
  };
  // A question that waits for a write does no work meanwhile, so it takes its place only then. The store limits how
  // many wait and how long.
  const { minSequence } = request;
  if (minSequence !== null && minSequence > served.index.info().sequence) await served.index.reached(minSequence);
  const outcome = await state.queue.run({ rank: rankOf(context, paid !== null), peer: context.peer }, work);
  mustBeWanted(admitted, state);
  return outcome;
}
