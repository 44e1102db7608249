export { openStore } from './store.ts';
export { openEmbedder } from './embedder/embedder.ts';
export { openReranker } from './reranker/reranker.ts';
export type { Reranker } from './reranking.ts';
export type { EndpointOptions } from './embedder/endpoint/request.ts';
export { StoreError } from './errors.ts';
export { rowOfId } from './ingest/address.ts';
export { answerKeepMs, fileBytesMax } from './limits.ts';
export type { FoundRecord, SearchOutcome } from './found.ts';
export type { CountedVectors, DeviceChoice, DeviceWish, Embedder } from './embedding.ts';
export type {
  AnswerJournal,
  AnswerOutcome,
  AnswerRecord,
  GraphPlace,
  Index,
  IndexCard,
  IndexInfo,
  IndexWriter,
  IndexSettings,
  NewIndex,
  Store,
  StoredRecord,
  Visibility,
} from './types.ts';
export { documentTypeOf } from './ingest/parse/media-types.ts';
export type {
  AddedFile,
  AddFileProgress,
  CheckProgress,
  DocumentInfo,
  DocumentPlace,
  IngestOptions,
  IngestPlan,
  IngestProgress,
  IngestReport,
  NewFile,
} from './reports.ts';

export type { WriterKey } from './write/types.ts';
export { openDatabase } from './disk/database.ts';
export type { Database, DiskOperation } from './disk/database.ts';
