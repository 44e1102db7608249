import type { Ticket } from '@tributary/schemas';
import { sha256Parts } from '#crypto';
import { fromBase64url, fromHex, toHex, u128, u64 } from '../bytes.ts';
import { TAG_TICKET } from '../domains.ts';

/**
 * Hash of a ticket, the voucher's `ctx`. It binds the payment to one question under one offer (docs/spec/payment.md).
 */
export function ticketHash(ticket: Ticket): string {
  return toHex(
    sha256Parts(
      TAG_TICKET,
      fromHex(ticket.channel),
      fromBase64url(ticket.id),
      fromHex(ticket.offer),
      fromHex(ticket.request),
      u128(BigInt(ticket.maxCharge)),
      u64(ticket.deadline),
      u128(BigInt(ticket.ackedTotal)),
      fromHex(ticket.ackedReceipt),
    ),
  );
}
