import { countUnpaid } from '../rules/terms.ts';
import type { Room, ServeState } from '../types.ts';
import type { AdmittedTexts } from './types.ts';

/**
 * Reserves the price on the channel before any text is embedded.
 *
 * @throws RelayError LEDGER_WRITE
 */
export function chargeTexts(admitted: AdmittedTexts, state: ServeState): Room {
  const { paid, model } = admitted;
  const money = paid === null ? null : state.dependencies.ledger.reserve(paid.channel.id, paid.maxCharge, paid.voucher);
  const room: Room = {
    money,
    earned: false,
    release() {
      money?.release();
      if (!room.earned) countUnpaid(admitted, paid, model.policy.unpaidPerMinute, state);
    },
  };
  return room;
}
