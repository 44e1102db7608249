import { countUnpaid } from './rules/terms.ts';
import type { Admitted, Room, ServeState } from './types.ts';

/**
 * Reserves on the channel the most that the answer may cost, and room for the records that it may show. This happens
 * before the search, so that no refusal reveals what the index holds. `settle` writes into the room what was earned.
 *
 * @throws RelayError EXPOSURE_CAP, LEDGER_WRITE
 */
export function charge(admitted: Admitted, state: ServeState): Room {
  const { paid, served } = admitted;
  const { ledger } = state.dependencies;
  const money = paid === null ? null : ledger.reserve(paid.channel.id, paid.maxCharge, paid.voucher);
  try {
    const records = roomForRecords(admitted, state);
    const room: Room = {
      money,
      earned: false,
      release() {
        money?.release();
        records?.release();
        if (!room.earned) countUnpaid(admitted, paid, served.policy.unpaidPerMinute, state);
      },
    };
    return room;
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
