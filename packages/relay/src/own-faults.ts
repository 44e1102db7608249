import type { ErrorCode } from '@tributary/schemas';

/** What a peer is told of a fault of this node. The details go only to the node's log. */
export const OWN_FAULTS: Partial<Record<ErrorCode, string>> = {
  INTERNAL: 'the node failed; its log has the details',
  LEDGER_WRITE: 'the ledger could not be written; ask again with the same ticket, so that nothing is charged twice',
  LEDGER_DAMAGED: 'the ledger of this provider is damaged; its owner must restore it',
  STORE_DAMAGED: 'the index is damaged; its owner must restore it',
  FILE_DAMAGED: 'the index is damaged; its owner must restore it',
  DATA_FOLDER: 'the index is damaged; its owner must restore it',
  DISK_WRITE: 'the disk of this provider failed; nothing was charged',
  READ_ONLY: 'this node only reads now, and nothing was charged; its owner makes its file system writable',
  ENGINE_UNREACHABLE: 'the engine of this index is down; nothing was charged',
  ENGINE_REFUSED: 'the engine of this index refuses; its owner must see to it, and nothing was charged',
  WORKER_CRASHED: 'the index is being restarted; nothing was charged',
};

/** True for a fault of this node, false for one of the request. */
export const isFault = (code: ErrorCode): boolean => OWN_FAULTS[code] !== undefined;
