import type { NewAnswer } from '../../kept/types.ts';
import type { QuestionKey } from '../../wallet/wallet.ts';
import type { AskOptions, Bought, Delivery, QueryContext } from '../types.ts';

/** What is kept of a verified answer. */
export const toKeep = (
  { prepared, answered, answer, bundle }: Bought,
  how: { key: QuestionKey | null; recovered: boolean },
): NewAnswer => ({
  receipt: answer.receiptHash,
  sale: prepared.sale,
  charge: answered.receipt.charge,
  unit: prepared.known.offer.unit,
  ...how,
  proof: bundle(),
});

/** Hands paid answers to whoever asked, who says when they are delivered. */
export function handOver(bought: readonly Bought[], context: QueryContext, { onDelivery }: Pick<AskOptions, 'onDelivery'>): void {
  const delivery = deliveryOf(bought, context);
  if (delivery === null) return;
  if (onDelivery) onDelivery(delivery);
  else delivery.delivered();
}

/**
 * Keeps paid answers whose caller is gone.
 *
 * @throws ClientError WALLET_WRITE; then the provider is asked for them again
 */
export const keepMissed = async (bought: readonly Bought[], context: QueryContext): Promise<void> =>
  deliveryOf(bought, context)?.missed();

/** Null when nothing of it was paid. */
function deliveryOf(bought: readonly Bought[], { wallet, kept }: QueryContext): Delivery | null {
  const paid = bought.filter(({ answered }) => answered.payment !== null);
  if (paid.length === 0 || wallet === null) return null;
  const delivered = (): void => paid.forEach(({ answered }) => wallet.delivered(answered.payment!));
  return {
    delivered,
    async missed() {
      try {
        await kept?.keep(paid.map((one) => toKeep(one, { key: null, recovered: true })));
        delivered();
      } catch (error) {
        askLater(paid, wallet);
        throw error;
      }
    },
  };
}

/** Their tickets stay, so that the provider is asked again. */
export const askLater = (bought: readonly Bought[], wallet: QueryContext['wallet']): void =>
  bought.forEach(({ answered: { payment } }) => payment && wallet?.missed(payment));
