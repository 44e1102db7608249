import { recoverVoucher, ticketHash } from '@tributary/proof/payment';
import type { Ticket, Voucher } from '@tributary/schemas';
import type { WalletChannel } from './channel.ts';

// A row with a right checksum may still hold a wrong number: a fault of a program, or a copy that was edited. What
// contradicts itself is refused here, before anything is signed from it.

/** @throws Error when the amounts of a channel contradict each other */
export function checkAmounts({ channel, acked, signed, deposit, asked, chain, early, lost }: WalletChannel): void {
  const wrong = (what: string): Error => new Error(`the amounts of channel ${channel.slice(0, 12)}… are wrong: ${what}`);
  if (acked > signed) throw wrong(`${acked} are acknowledged of ${signed} signed`);
  if (asked < deposit) throw wrong(`${asked} were asked for and ${deposit} are locked`);
  if (lost) return; // its receipts form no chain
  let receipts = chain.total;
  for (const { charge } of early.values()) receipts += charge;
  if (receipts !== acked) throw wrong(`its receipts sum to ${receipts}, acknowledged are ${acked}`);
}

/** @throws Error when the voucher in the row of a ticket is not the one that was signed for it */
export function checkTicket({ channel, network, terms, signed }: WalletChannel, ticket: Ticket, voucher: Voucher): void {
  const wrong = (what: string): Error => new Error(`the row of ticket ${ticket.id} is wrong: ${what}`);
  if (BigInt(voucher.cumulative) > signed) throw wrong(`its voucher promises ${voucher.cumulative}, signed are ${signed}`);
  const fields = { channel, cumulative: voucher.cumulative, ctx: ticketHash(ticket) };
  if (recoverVoucher(fields, voucher.signature, network) !== terms.voucherSigner)
    throw wrong('its voucher is not by the key of this wallet, or for another ticket');
}
