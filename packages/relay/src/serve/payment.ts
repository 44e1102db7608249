import { checkVoucher } from '../payments/vouchers.ts';
import type { Asked, Paid, ServeState } from './types.ts';

/**
 * The payment that came with a question, if it is for this very question and the channel's voucher signer signed it.
 * Null when none came, when the channel is unknown here, or when the owner asks. Whether it is enough is checked later.
 *
 * @throws RelayError VOUCHER_INVALID
 */
export function payment({ head, requestHash, context }: Asked, { dependencies }: ServeState): Paid | null {
  const { ledger } = dependencies;
  if (head.payment === null || context.isOwner) return null;
  const { ticket } = head.payment;
  const channel = ledger.channel(ticket.channel);
  if (channel === null) return null;
  const facts = { ticketId: head.ticketId, offer: head.offer, deadline: head.deadline, requestHash };
  const voucher = checkVoucher(head.payment, facts, channel, ledger.network);
  return { channel, voucher, maxCharge: BigInt(ticket.maxCharge) };
}
