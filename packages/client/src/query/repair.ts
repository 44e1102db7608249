import { readOffer } from '@tributary/proof/payment';
import { readIdentity, readRequest } from '@tributary/proof/statements';
import { ERROR_CODES, isTributaryError, type ErrorCode } from '@tributary/schemas';
import type { Link } from '../link/types.ts';
import type { Again, LostPayment, Payment, Wallet } from '../wallet/wallet.ts';
import { askHeadOf } from './ask.ts';
import { toKeep } from './delivery/hand-over.ts';
import { askAgainTimeoutMs } from './limits.ts';
import { checkSigners } from './pins.ts';
import type { Bought, Prepared, QueryContext } from './types.ts';

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
 * Asks again with a ticket whose answer was lost, with the original bytes, checks the answer, keeps it and books it.
 *
 * @throws TributaryError as the link and the verifier do; ClientError WALLET_WRITE
 */
export async function askAgain(lost: LostPayment, link: Link, context: QueryContext): Promise<Again> {
  const { payment, origin } = lost;
  const prepared = preparedAgain(payment, origin);
  const reply = await link.ask(askHeadOf(prepared, payment, context), prepared.body, { timeoutMs: askAgainTimeoutMs });
  if (reply.kind !== 'answer') return refusedAgain(reply.code);
  const verified = await context.verifier.verify(
    prepared,
    { receipt: reply.receipt, body: reply.body, records: reply.records, payment },
    link,
  );
  return bookAgain(verified, lost, context, () => void checkSigners(verified, context));
}

/** A provider that has the answer gives it. A refusal that may pass says nothing about it. */
export const refusedAgain = (code: ErrorCode): Again => (ERROR_CODES[code].retry ? 'later' : 'over');

/**
 * Keeps a verified answer for its caller, before it is booked. An answer that says `gone` is none.
 *
 * @param mayShow throws when the client's trust does not allow to show it
 */
export async function bookAgain(
  bought: Bought,
  { payment, origin }: LostPayment,
  { wallet, kept }: QueryContext,
  mayShow: () => void,
): Promise<Again> {
  const { receipt } = bought.answered;
  const shown = receipt.status !== 'gone' && isAllowed(mayShow);
  if (shown) {
    const isTaken = origin.key === undefined || (kept?.under(origin.key.name) ?? []).some(({ recovered }) => !recovered);
    await kept?.keep([toKeep(bought, { key: isTaken ? null : origin.key!, recovered: true })]);
  }
  await wallet?.acknowledge(payment, receipt, bought.answer.receiptHash);
  if (receipt.status === 'gone') return 'over';
  wallet?.delivered(payment);
  return 'answered';
}

function isAllowed(check: () => void): boolean {
  try {
    check();
    return true;
  } catch (error) {
    if (isTributaryError(error)) return false;
    throw error;
  }
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
