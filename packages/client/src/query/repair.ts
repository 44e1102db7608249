import { readOffer } from '@tributary/proof/payment';
import { readIdentity, readRequest } from '@tributary/proof/statements';
import { isTributaryError } from '@tributary/schemas';
import type { Link } from '../link/types.ts';
import type { LostPayment, Payment, Wallet } from '../wallet/wallet.ts';
import { askHeadOf } from './ask.ts';
import { askAgainTimeoutMs } from './limits.ts';
import type { Prepared, QueryContext } from './types.ts';

/**
 * Pays a question and gets its answer. When the provider refuses because its state differs from the wallet's, both are
 * tried once more; `pay` resyncs the channel first.
 *
 * @param pay makes the payment, given the one that was refused before; null: the question is free
 */
export async function payAndRepair<Result>(
  wallet: Wallet | null,
  pay: (before: Payment | null) => Promise<Payment | null>,
  answer: (payment: Payment | null) => Promise<Result>,
): Promise<Result> {
  for (let before: Payment | null = null; ;) {
    const payment: Payment | null = await pay(before);
    try {
      return await answer(payment);
    } catch (error) {
      if (payment) wallet?.doubt(payment, booksDiffer(error));
      if (!payment || before !== null || !booksDiffer(error)) throw error;
      before = payment;
    }
  }
}

/** Refusals that an honest provider gives only when one side has booked something that the other has not. */
const booksDiffer = (error: unknown): boolean =>
  isTributaryError(error) && ['VOUCHER_INSUFFICIENT', 'CHANNEL_UNKNOWN', 'CREDIT_INSUFFICIENT'].includes(error.code);

/**
 * Asks again with a ticket whose answer was lost, with the original bytes, checks the answer and books it. A refusal
 * decides nothing, because the provider's state says what was charged.
 *
 * @throws TributaryError as the link and the verifier do
 */
export async function askAgain({ payment, origin }: LostPayment, link: Link, context: QueryContext): Promise<void> {
  const prepared = preparedAgain(payment, origin);
  const reply = await link.ask(askHeadOf(prepared, payment, context), prepared.body, { timeoutMs: askAgainTimeoutMs });
  if (reply.kind !== 'answer') return;
  const { answer } = await context.verifier.verify(prepared, { receipt: reply.receipt, body: reply.body, payment }, link);
  await context.wallet?.acknowledge(payment, reply.receipt, answer.receiptHash);
}

/** The question as it was asked. The heads that were known then are not known any more. */
function preparedAgain({ ticket }: Payment, origin: LostPayment['origin']): Prepared {
  const { identity, hash: identityHash } = readIdentity(origin.identity);
  const { offer, hash: offerHash } = readOffer(origin.offer, { identity, hash: identityHash });
  const known = { signedIdentity: origin.identity, identity, identityHash, signedOffer: origin.offer, offer, offerHash };
  return {
    known: { ...known, addresses: [] },
    sale: offer.index,
    request: readRequest(origin.body),
    nonce: origin.nonce,
    body: new TextEncoder().encode(origin.body),
    bodyText: origin.body,
    requestHash: ticket.request,
    quote: BigInt(ticket.maxCharge),
    deadline: ticket.deadline,
    headSize: 0,
  };
}
