export { ERROR_CODES, TributaryError, isTributaryError } from './codes.ts';
export type {
  CliErrorCode,
  ClientErrorCode,
  ErrorCode,
  ErrorCodeFacts,
  InputErrorCode,
  McpErrorCode,
  ProofErrorCode,
  RelayErrorCode,
  StoreErrorCode,
} from './codes.ts';
export {
  announcedAddressesMax,
  apiKeysMax,
  announcedOffersMax,
  answerBytesMax,
  answerRecordBytes,
  bundleBytesMax,
  dimensionMax,
  embedTextsMax,
  documentPathBytesMax,
  filterDepthMax,
  filterOperatorsMax,
  frameBytesMax,
  linkRecordOverheadBytes,
  linkRecordsBytesMax,
  frameHeadBytesMax,
  jsonDepthMax,
  merklePathHashesMax,
  metadataBytesMax,
  metadataKeysMax,
  namespaceBytesMax,
  noteBytesMax,
  noteSignaturesMax,
  peerAddressesMax,
  queryTermsMax,
  queryTextBytesMax,
  recordIdBytesMax,
  recordTextBytesMax,
  requestBytesMax,
  resultsMax,
  sparseValuesMax,
  statementBytesMax,
  delegationsMax,
  writeOperationsMax,
} from './limits.ts';
export {
  address,
  amount,
  base64url,
  bytes16,
  bytes32,
  count,
  did,
  hash,
  indexId,
  indexName,
  isCanonicalBase64url,
  languageTags,
  namespace,
  recordId,
  text,
  timeMs,
  utf8Length,
} from './primitives.ts';
export { apiKeyId, apiKeyRecord, apiKeysDocument, apiKeyTerms, indexPattern, PERMISSIONS } from './stored/api-key.ts';
export type { ApiKeyRecord, ApiKeyTerms, Permission } from './stored/api-key.ts';
export { dataFolderManifest, sealedFile } from './stored/data-folder.ts';
export { nestsDeeper } from './json-text.ts';
export { checkShape, parseCanonical, parseJson, parseOrdered, parseStrict } from './strict-json.ts';
export { metadata, metadataValue, recordInput, searchText, sell, source } from './record.ts';
export type { Metadata, MetadataValue, RecordFields, RecordInput, Sell, Source } from './record.ts';
export { numbers } from './numbers.ts';
export { readBody } from './read-body.ts';
export { sparseFault, sparseInput, sparseVector, toSparse, vectorKinds } from './sparse.ts';
export type { SparseInput, SparseVector, VectorKinds } from './sparse.ts';
export {
  cardQuestions,
  manifest,
  metric,
  offer,
  price,
  providerIdentity,
  signedIdentity,
  signedOffer,
  signedStatement,
  vectorsFit,
  vectorsMisfit,
  writersStatement,
  writeStatement,
} from './statements.ts';
export type {
  Delegation,
  Manifest,
  Metric,
  Offer,
  Price,
  ProviderIdentity,
  SignedIdentity,
  SignedOffer,
  SignedStatement,
  WritersStatement,
  WriteStatement,
} from './statements.ts';
export { channelTerms, heldVoucher, receipt, receiptStatus, ticket, voucher } from './payment.ts';
export type {
  AboutChannel,
  ChannelState,
  ChannelTerms,
  HeldVoucher,
  OpenChannel,
  Receipt,
  ReceiptStatus,
  Ticket,
  Voucher,
} from './payment.ts';
export { MODE_PARTS, answer, filter, queryMode, request, shownTexts, statistics } from './query.ts';
export type {
  Answer,
  Filter,
  QueryMode,
  Request,
  ResultItem,
  ShownFields,
  ShownRecord,
  ShownTexts,
  Statistics,
  WholeAnswer,
} from './query.ts';
export {
  embeddingBundle,
  embeddingFault,
  embeddingOffer,
  embeddingPrice,
  embeddings,
  embeddingSale,
  embedRequest,
  saleName,
} from './embedding.ts';
export type { EmbeddingBundle, EmbeddingFault, EmbeddingOffer, EmbeddingPrice, Embeddings, EmbedRequest } from './embedding.ts';
export { bundle, trust } from './bundle.ts';
export type { Bundle, Trust } from './bundle.ts';
export {
  FRAME,
  METHODS,
  RELAY_PROTOCOL,
  announcement,
  answerHead,
  askHead,
  callHead,
  creditHead,
  helloHead,
  refusalHead,
  resultHead,
} from './wire.ts';
export type {
  Announcement,
  AskHead,
  FrameType,
  MethodName,
  MethodParams,
  MethodResult,
  RefusalHead,
  SaidOfSelf,
  ToldChannel,
} from './wire.ts';
export {
  gatewayAnswer,
  gatewayConsistency,
  gatewayCredit,
  gatewayConsistencyQuery,
  gatewayError,
  gatewayIndexes,
  gatewayQuery,
  gatewayRelay,
  gatewayRecovered,
  gatewayRelayResult,
  gatewayResult,
  recoveredFacts,
} from './gateway.ts';
export type {
  GatewayAnswer,
  GatewayCredit,
  GatewayError,
  GatewayIndex,
  GatewayQuery,
  GatewayRelay,
  GatewayResult,
} from './gateway.ts';
export {
  addDocumentQuery,
  addedDocument,
  deleteDocumentQuery,
  deletedDocument,
  documentLine,
  documentName,
  documentsQuery,
  documentsReply,
} from './document-api.ts';
export type { AddedDocument, DeletedDocument, DocumentLine, DocumentProgress, DocumentsReply } from './document-api.ts';
export {
  countQuery,
  countReply,
  createIndexBody,
  deleteBody,
  deletedIndex,
  fetchBody,
  fetchReply,
  limitsReply,
  listQuery,
  listReply,
  ownIndex,
  recordBody,
  updateBody,
  upsertBody,
  writeReply,
} from './node-api.ts';
export type {
  CountReply,
  CreateIndexBody,
  DeleteBody,
  FetchBody,
  FetchReply,
  LimitsReply,
  ListReply,
  OwnIndex,
  RecordBody,
  UpdateBody,
  UpsertBody,
  WriteReply,
} from './node-api.ts';
export { inWords } from './in-words.ts';
