import { signReceipt } from '@tributary/proof/payment';
import { fromUtf8, ZERO_HASH } from '@tributary/proof/primitives';
import { responseHash } from '@tributary/proof/statements';
import type { Receipt } from '@tributary/schemas';
import type { Room, ServeState, Settled } from '../types.ts';
import type { AdmittedTexts } from './types.ts';

/**
 * Makes the receipt. Paid vectors may leave only when this resolves: then they are charged, and on disk with their
 * bytes.
 *
 * @throws RelayError CHANNEL_UNKNOWN, TICKET_CONFLICT, LEDGER_WRITE, LEDGER_DAMAGED
 */
export async function settleVectors(
  { head, request, requestHash, text, offer, paid, price, sale, admittedAt }: AdmittedTexts,
  body: Uint8Array,
  room: Room,
  { dependencies }: ServeState,
): Promise<Settled> {
  const { ledger, receipt: keys } = dependencies;
  const bound = {
    ticket: head.ticketId,
    offerHash: offer.hash,
    requestHash,
    responseHash: responseHash(body),
    manifestHash: ZERO_HASH,
    snapshot: 0,
    status: 'ok' as const,
    servedAt: admittedAt,
  };
  const given = { body, records: [], shown: 0, texts: request.texts.length, again: false };
  if (paid === null) {
    const none = { channel: ZERO_HASH, sequence: 0, charge: '0', chargedTotal: '0', previous: ZERO_HASH };
    const fields: Omit<Receipt, 'signature'> = { ...none, ...bound };
    return { receipt: signReceipt(fields, ledger.network, keys.privateKey), ...given };
  }
  const { channel, voucher } = paid;
  const kept = { index: sale, request: text, answer: null, goneBody: null, body: fromUtf8(body), exposure: null };
  const order = { ...bound, ...kept, channel: channel.id, deadline: head.deadline, charge: price, voucher };
  const receipt = await ledger.settle(order, room.money);
  room.earned = receipt.charge !== '0';
  return { receipt, ...given };
}
