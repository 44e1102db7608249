import { createHeads, type HeadStore } from '@tributary/client/http';
import { listedIndexes, readBudget, readProof, readRecords, writeRecords, type GatewayAccess } from './calls.ts';
import { askRemote } from './ask.ts';
import type { Library } from '../library.ts';
import type { SpendCap } from '../session/spend-cap.ts';

export interface RemoteOptions extends GatewayAccess {
  session: SpendCap;
  /** Newest seen heads of logs, kept by the caller between sessions. */
  heads: HeadStore;
}

/**
 * A library behind the HTTP API of a node or gateway. Answers of the network are verified here, so the gateway cannot
 * alter one unnoticed, and a log must not go back or fork from what it showed before. What a node says of its own
 * indexes is believed.
 */
export function createRemoteLibrary(options: RemoteOptions): Library {
  const asking = { ...options, held: createHeads(options.heads) };
  return {
    indexes: () => listedIndexes(options),
    ask: (question, signal) => askRemote(question, asking, signal),
    proof: (receipt) => readProof(options, receipt),
    fetch: (place, ids) => readRecords(options, place, ids),
    upsert: (place, records) => writeRecords(options, place, 'records', { records }),
    remove: (place, ids) => writeRecords(options, place, 'records/delete', { ids: [...ids] }),
    left: () => readBudget(options),
  };
}
