import { listedIndexes, readBudget, readProof, readRecords, writeRecords, type GatewayAccess } from './calls.ts';
import { askRemote } from './ask.ts';
import type { Library } from '../library.ts';
import type { SpendCap } from '../session/spend-cap.ts';

export interface RemoteOptions extends GatewayAccess {
  session: SpendCap;
}

/**
 * A library behind the HTTP API of a node or gateway. Answers of the network are verified here, so the gateway cannot
 * alter one unnoticed. What a node says of its own indexes is believed.
 */
export function createRemoteLibrary(options: RemoteOptions): Library {
  return {
    indexes: () => listedIndexes(options),
    ask: (question, signal) => askRemote(question, options, signal),
    proof: (receipt) => readProof(options, receipt),
    fetch: (place, ids) => readRecords(options, place, ids),
    upsert: (place, records) => writeRecords(options, place, 'records', { records }),
    remove: (place, ids) => writeRecords(options, place, 'records/delete', { ids: [...ids] }),
    left: () => readBudget(options),
  };
}
