import { quoteOf } from '@tributary/proof/payment';
import { RelayError } from '../errors.ts';
import type { Reservation } from '../payments/reservations.ts';
import { checkAdmission } from '../payments/vouchers.ts';
import { Refused, type Admitted, type Room, type ServeState } from './types.ts';

/**
 * Judges time and money of a question that was not answered before, and takes room for its charge and for the records that it may show. All
 * in one turn, so that requests of one channel need no lock, and before anything is searched, so that no refusal tells what the index holds.
 *
 * @throws Refused ABORTED; RelayError OFFER_UNKNOWN, DEADLINE, MAX_CHARGE_TOO_LOW, CHANNEL_UNKNOWN, IN_FLIGHT_CAP,
 * CREDIT_INSUFFICIENT, VOUCHER_INSUFFICIENT, EXPOSURE_CAP, LEDGER_WRITE
 */
export function charge(admitted: Admitted, state: ServeState): Room {
  checkTime(admitted, state);
  const money = roomForCharge(admitted, state);
  try {
    const shown = roomForRecords(admitted, state);
    return {
      money,
      release() {
        money?.release();
        shown?.release();
      },
    };
  } catch (error) {
    money?.release();
    throw error;
  }
}

function roomForRecords({ served, request, context, paid }: Admitted, { dependencies }: ServeState) {
  const { exposurePerChannel, exposurePerEpoch, epochMs } = served.policy;
  if (context.isOwner || (exposurePerChannel === null && exposurePerEpoch === null)) return null;
  const viewer = {
    index: request.index,
    channel: paid?.channel.id ?? null,
    caps: { exposurePerChannel, exposurePerEpoch, epochMs },
  };
  return dependencies.ledger.exposureRoom(viewer, request.topK);
}

function checkTime(admitted: Admitted, { dependencies }: ServeState): void {
  const { head, request, context, paid } = admitted;
  const { offer, hash } = admitted.offer;
  const nowMs = dependencies.now();
  if (context.signal?.aborted === true) throw new Refused('ABORTED', 'cancelled before it was started');
  if (offer.expiry <= nowMs)
    throw new RelayError('OFFER_UNKNOWN', `offer ${hash} of ${request.index} has expired; fetch the present one`);
  const floorMs = paid === null ? nowMs : Math.max(nowMs, dependencies.ledger.ticketFloorMs);
  if (head.deadline <= floorMs) throw new RelayError('DEADLINE', 'the deadline has passed; nothing was charged');
  if (head.deadline > nowMs + offer.deadlineMaxMs) {
    throw new RelayError('DEADLINE', `the deadline is further away than ${offer.deadlineMaxMs} ms, which the offer allows`);
  }
}

function roomForCharge({ request, paid, offer: { offer } }: Admitted, { dependencies }: ServeState): Reservation | null {
  if (paid === null) return null;
  const { voucher, maxCharge } = paid;
  const quote = quoteOf(offer, request.topK);
  if (maxCharge < quote)
    throw new RelayError('MAX_CHARGE_TOO_LOW', `the ticket allows ${maxCharge}; the query may cost ${quote}`);
  const { ledger } = dependencies;
  // Looked up again: the ledger may have been read anew since the question was admitted.
  const channel = ledger.channel(paid.channel.id);
  if (channel === null || channel.closed)
    throw new RelayError('CHANNEL_UNKNOWN', `no open channel ${paid.channel.id} here; open one`);
  checkAdmission(channel, ledger.hold(channel.id), { cumulative: BigInt(voucher.cumulative), maxCharge }, offer);
  return ledger.reserve(channel.id, maxCharge, voucher);
}
