import { RelayError } from '../errors.ts';
import { createGroupCommit, type GroupCommit } from '@tributary/runtime';
import { changesWaitingMax, groupChangesMax } from './limits.ts';
import {
  closeFiles,
  createRecovery,
  openCheckpointWriter,
  openFiles,
  writeDraft,
  type LedgerOptions,
  type Opened,
} from './open-files.ts';
import type { Draft } from './state.ts';

const WRITE_FAILED = 'the ledger could not be written; ask again with the same ticket, free space or check the disk';

/** The files of a ledger, kept consistent with its state in memory. */
export interface Chain {
  readonly opened: Opened;
  /** True where nothing can be written: every change is refused. */
  readonly readOnly: boolean;
  readonly commits: GroupCommit<Draft>;
  /**
   * The files once memory and disk agree.
   *
   * @throws RelayError LEDGER_WRITE, LEDGER_DAMAGED
   */
  current(): Promise<Opened>;
  /** Makes the next reading start at the first entry. */
  distrust(): void;
  close(): Promise<void>;
}

const isDamage = (cause: unknown): cause is RelayError => cause instanceof RelayError && cause.code === 'LEDGER_DAMAGED';

/** @throws RelayError LEDGER_DAMAGED, LEDGER_WRITE; StoreError STORE_LOCKED when another process has it open */
export async function openChain(options: LedgerOptions): Promise<Chain> {
  let opened = await openFiles(options, true);
  let trusted = true;
  let closed = false;
  const checkpoints = openCheckpointWriter(options);
  const commits = createGroupCommit<Draft>({
    begin: () => {
      const nowMs = options.now();
      return { ...opened, operations: [], put: new Map(), nowMs, steadyMs: options.steadyNow?.() ?? nowMs };
    },
    write: (draft) => writeDraft(draft, opened.trailing, options, checkpoints),
    recover: createRecovery(options, async () => {
      if (closed) throw new RelayError('SHUTTING_DOWN', 'the ledger is closed');
      await closeFiles(opened);
      await checkpoints.idle();
      opened = await openFiles(options, trusted);
      trusted = true;
    }),
    // Changes submitted in the same turn of the event loop join the same group.
    turn: () => Promise.resolve(),
    groupMax: groupChangesMax,
    waitingMax: changesWaitingMax,
    overloaded: () =>
      new RelayError('OVERLOADED', `more than ${changesWaitingMax} changes wait for the ledger's disk; try again`),
    // Damage that only a write meets is found again by the next one.
    failed: (cause) => (isDamage(cause) ? cause : new RelayError('LEDGER_WRITE', WRITE_FAILED, { cause })),
  });
  return {
    readOnly: opened.database.readOnly,
    get opened() {
      return opened;
    },
    commits,
    async current() {
      await commits.ready();
      return opened;
    },
    distrust() {
      trusted = false;
      commits.distrust();
    },
    async close() {
      closed = true;
      await commits.idle();
      await checkpoints.idle();
      await closeFiles(opened);
    },
  };
}
