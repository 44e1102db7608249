import {
  dimensionMax,
  limitsReply,
  metadataBytesMax,
  metadataKeysMax,
  namespaceBytesMax,
  recordIdBytesMax,
  recordTextBytesMax,
  resultsMax,
  sparseValuesMax,
  writeOperationsMax,
  type LimitsReply,
} from '@tributary/schemas';
import { fileBytesMax } from '@tributary/store';
import type { Endpoint } from '../../endpoint.ts';
import { ownBodyBytesMax } from '../../limits.ts';

/** The limits of one call. */
export const LIMITS: LimitsReply = {
  bodyBytes: ownBodyBytesMax,
  recordsPerUpsert: writeOperationsMax,
  idsPerFetch: writeOperationsMax,
  idsPerDelete: writeOperationsMax,
  idsPerPage: writeOperationsMax,
  textBytes: recordTextBytesMax,
  metadataBytes: metadataBytesMax,
  metadataKeys: metadataKeysMax,
  dimension: dimensionMax,
  sparseValues: sparseValuesMax,
  idBytes: recordIdBytesMax,
  namespaceBytes: namespaceBytesMax,
  resultsPerQuery: resultsMax,
  documentBytes: fileBytesMax,
};

export const limitsEndpoint: Endpoint<null, LimitsReply> = {
  id: 'limits',
  summary: 'What one call may hold, so that a client can cut its batches.',
  replies: { 200: { description: 'The limits.', schema: limitsReply } },
  parse: () => null,
  shape: (limits) => limits,
};
