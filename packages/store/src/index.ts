export { openStore } from './store.ts';
export { openEmbedder } from './embedder/embedder.ts';
export { StoreError } from './errors.ts';
export { rowOfId } from './ingest/address.ts';
export { answerKeepMs } from './limits.ts';
export type { CountedVectors, Embedder } from './embedding.ts';
export type {
  AnswerJournal,
  AnswerOutcome,
  DocumentInfo,
  FoundRecord,
  Index,
  IndexCard,
  IndexInfo,
  NewIndex,
  SearchOutcome,
  Store,
  StoredRecord,
  Visibility,
} from './types.ts';
export type { CheckProgress, IngestOptions, IngestPlan, IngestProgress, IngestReport } from './reports.ts';

export { openDatabase } from './disk/database.ts';
export type { Database, DiskOperation } from './disk/database.ts';
