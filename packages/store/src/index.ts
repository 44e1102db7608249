export { openStore } from './store.ts';
export { createEngine } from './search/engine.ts';
export type { EngineOptions, SearchEngine } from './search/engine.ts';
export type { EngineHit, EngineQuery, EngineRecord } from './search/types.ts';
export { openEmbedder } from './embedder/embedder.ts';
export type { EmbedderOptions } from './embedder/embedder.ts';
export { StoreError } from './errors.ts';
export { rowOfId } from './ingest/address.ts';
export { answerKeepMs, purgeDelayMs } from './limits.ts';
export type {
  AnswerItem,
  AnswerJournal,
  AnswerOptions,
  AnswerOutcome,
  DeleteInput,
  DocumentInfo,
  DocumentPlace,
  Embedder,
  Index,
  IndexCard,
  IndexInfo,
  IndexSettings,
  IndexStats,
  IndexStatus,
  ListPage,
  ModelCard,
  NewIndex,
  SnapshotProof,
  Store,
  StoreOptions,
  StoredRecord,
  UpdateInput,
  Visibility,
  WriteResult,
} from './types.ts';
export type {
  CheckFinding,
  CheckProgress,
  CheckReport,
  IngestOptions,
  IngestPlan,
  IngestProgress,
  IngestReport,
  RejectedFile,
} from './reports.ts';

export { openDatabase } from './disk/database.ts';
export type { Database, DiskOperation, DiskReader, DiskSnapshot } from './disk/database.ts';
export type { KeyRange } from './disk/keys.ts';
