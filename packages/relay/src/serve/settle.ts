import { chargeOf, signReceipt } from '@tributary/proof/payment';
import { responseHash } from '@tributary/proof/statements';
import type { Receipt } from '@tributary/schemas';
import { ZERO_HASH } from '@tributary/proof/primitives';
import type { SettleOrder } from '../payments/settle.ts';
import type { Exposure } from '../ledger/exposure.ts';
import type { Admitted, Outcome, Paid, Room, Settled, ServeState } from './types.ts';

/**
 * Makes the receipt. A paid answer may leave only when this resolves: then it is charged and on disk. An answer without
 * results costs what the offer says, usually nothing, and is numbered all the same.
 *
 * @throws RelayError EXPOSURE_CAP, CHANNEL_UNKNOWN, TICKET_CONFLICT, LEDGER_WRITE, LEDGER_DAMAGED
 */
export async function settle(admitted: Admitted, outcome: Outcome, room: Room, { dependencies }: ServeState): Promise<Settled> {
  const { ledger } = dependencies;
  const { body, records } = outcome;
  if (admitted.paid !== null) {
    const receipt = await ledger.settle(orderOf(admitted, admitted.paid, outcome), room.money);
    room.earned = receipt.charge !== '0';
    return { receipt, body, records, shown: outcome.count, again: false };
  }
  const exposure = exposureOf(admitted, outcome);
  if (exposure !== null) await ledger.expose(exposure);
  const { status, snapshot, manifest } = outcome;
  const fields: Omit<Receipt, 'signature'> = {
    channel: ZERO_HASH,
    ticket: admitted.head.ticketId,
    sequence: 0,
    requestHash: admitted.requestHash,
    responseHash: responseHash(body),
    offerHash: admitted.offer.hash,
    manifestHash: manifest,
    snapshot,
    status,
    charge: '0',
    chargedTotal: '0',
    servedAt: admitted.admittedAt,
    previous: ZERO_HASH,
  };
  const receipt = signReceipt(fields, ledger.network, dependencies.receipt.privateKey);
  return { receipt, body, records, shown: outcome.count, again: false };
}

function orderOf(admitted: Admitted, { channel, voucher, maxCharge }: Paid, outcome: Outcome): SettleOrder {
  const { head, request, requestHash, text, offer, admittedAt } = admitted;
  const { status, snapshot, items, queryVector, statistics, count, textBytes } = outcome;
  const usage = { status, results: count, textBytes, ticketMaxCharge: String(maxCharge) };
  return {
    channel: channel.id,
    ticket: head.ticketId,
    deadline: head.deadline,
    offerHash: offer.hash,
    requestHash,
    responseHash: responseHash(outcome.body),
    manifestHash: outcome.manifest,
    snapshot,
    status,
    charge: chargeOf(offer.offer, usage),
    index: request.index,
    request: text,
    servedAt: admittedAt,
    answer: { snapshot, items, queryVector, statistics },
    goneBody: null,
    voucher,
    exposure: exposureOf(admitted, outcome),
  };
}

function exposureOf({ served, request, context, paid }: Admitted, { items }: Outcome): Exposure | null {
  const { exposurePerChannel, exposurePerEpoch, epochMs } = served.policy;
  if (context.isOwner || items.length === 0 || (exposurePerChannel === null && exposurePerEpoch === null)) return null;
  const caps = { exposurePerChannel, exposurePerEpoch, epochMs };
  return { index: request.index, channel: paid?.channel.id ?? null, items, caps };
}
