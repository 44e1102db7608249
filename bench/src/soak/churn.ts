import type { Network, SoakSizes } from './types.ts';

const VISIT_QUESTIONS = 3;
const VISIT_GRANT = 1_000n;
/** Rounds from one purge, and one API key, to the next. */
const PURGE_EVERY = 6;
const KEY_EVERY = 3;

/**
 * One round of what changes beside the load: records are removed, added again and replaced, removed text is purged, a
 * client comes and leaves, an API key is made, asks and is revoked.
 *
 * @param round from 0
 */
export async function churn(network: Network, sizes: SoakSizes, round: number): Promise<void> {
  await changeRecords(network, sizes, round);
  if (round % PURGE_EVERY === PURGE_EVERY - 1) await network.provider.call('purge', null);
  await visit(network);
  if (round % KEY_EVERY === 0) await useKey(network, round);
}

/** What one round removes, the next adds again. Another part is replaced. */
async function changeRecords({ provider }: Network, { vectors, churned }: SoakSizes, round: number): Promise<void> {
  const part = (number: number): number[] => {
    const first = number * churned;
    return Array.from({ length: churned }, (_, at) => (first + at) % vectors);
  };
  const half = Math.floor(vectors / churned / 2);
  const replaced = part(half + (round % half));
  await provider.call('rewrite', { ids: round === 0 ? replaced : [...part((round - 1) % half), ...replaced], round: round + 1 });
  await provider.call('remove', { ids: part(round % half) });
}

async function visit({ visitor, provider, target, total, left }: Network): Promise<void> {
  const { payer } = await visitor.call('arrive', null);
  await provider.call('grant', { payer, amount: VISIT_GRANT });
  const { answers, charged, acknowledged } = await visitor.call('ask', { index: target.index, questions: VISIT_QUESTIONS });
  total.answers += answers;
  total.charged += charged;
  left.acknowledged += acknowledged;
}

/** The channel of a revoked key is closed. */
async function useKey({ gateway, load, target, total }: Network, round: number): Promise<void> {
  const { id, key } = await gateway.call('makeKey', null);
  const cost = await load.call('once', { ...target, key, turn: round });
  total.charged += cost;
  total.answers += 1;
  await gateway.call('revokeKey', id);
}
