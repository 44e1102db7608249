/**
 * One stable error code: which package raises it, its HTTP status at the gateway, and whether the same call may succeed
 * later.
 */
export interface ErrorCodeFacts {
  readonly area: 'schemas' | 'proof' | 'store' | 'client' | 'relay' | 'mcp' | 'cli';
  readonly http: number;
  readonly retry: boolean;
}

const fact =
  <Area extends ErrorCodeFacts['area']>(area: Area, http: number) =>
  (retry = false): ErrorCodeFacts & { readonly area: Area } => ({ area, http, retry });
const input = fact('schemas', 400);
const proof = fact('proof', 502);
const store = fact('store', 422);
const client = fact('client', 502);
const relay = fact('relay', 403);
const mcp = fact('mcp', 403);
const cli = fact('cli', 400);

/**
 * Every error code of Tributary. Codes are API and never change meaning; messages may. `docs/errors.md` explains each
 * one and a test compares the two.
 */
export const ERROR_CODES = {
  // schemas: strict reading of untrusted bytes
  INPUT_TOO_LARGE: { ...input(), http: 413 },
  INPUT_NOT_UTF8: input(),
  INPUT_NOT_JSON: input(),
  INPUT_NOT_CANONICAL: input(),
  INPUT_SHAPE: input(),

  // proof: one code for each check of the verifier
  BUNDLE_SHAPE: proof(),
  IDENTITY_SIGNATURE: proof(),
  IDENTITY_EXPIRED: proof(),
  IDENTITY_MISMATCH: proof(),
  OFFER_SIGNATURE: proof(),
  OFFER_EXPIRED: proof(),
  OFFER_MISMATCH: proof(),
  REQUEST_HASH: proof(),
  REQUEST_MISMATCH: proof(),
  RESPONSE_HASH: proof(),
  RESPONSE_SHAPE: proof(),
  RECORD_HASH: proof(),
  RECEIPT_SIGNATURE: proof(),
  RECEIPT_MISMATCH: proof(),
  RECEIPT_CHARGE: proof(),
  RECEIPT_CHAIN: proof(),
  CHANNEL_ID: proof(),
  CHANNEL_STATE: proof(),
  TICKET_MISMATCH: proof(),
  VOUCHER_SIGNATURE: proof(),
  VOUCHER_AMOUNT: proof(),
  MANIFEST_HASH: proof(),
  MANIFEST_SHAPE: proof(),
  MANIFEST_MISMATCH: proof(),
  MANIFEST_INCLUSION: proof(),
  CHECKPOINT_FORMAT: proof(),
  CHECKPOINT_SIGNATURE: proof(),
  CHECKPOINT_ORIGIN: proof(),
  COSIGNATURE: proof(),
  WITNESS_QUORUM: proof(),
  HEAD_ROLLBACK: proof(),
  HEAD_FORK: proof(),
  HEAD_CONSISTENCY: proof(),
  CLOCK_FUTURE: proof(),
  CLOCK_STALE: proof(),
  WRITE_SIGNATURE: proof(),
  WRITE_SHAPE: proof(),
  WRITE_MISSING: proof(),
  WRITE_MISMATCH: proof(),
  WRITE_INCLUSION: proof(),
  WRITERS_SHAPE: proof(),
  WRITERS_SIGNATURE: proof(),
  WRITERS_MISMATCH: proof(),
  WRITER_NOT_DELEGATED: { ...proof(), http: 403 },
  WRITER_REVOKED: { ...proof(), http: 403 },
  WRITER_SCOPE: { ...proof(), http: 403 },
  ITEM_INCLUSION: proof(),
  ITEM_SLOT: proof(),
  ITEM_DUPLICATE: proof(),
  ID_COMMITMENT: proof(),
  NAMESPACE_COMMITMENT: proof(),
  TEXT_COMMITMENT: proof(),
  VECTOR_COMMITMENT: proof(),
  SPARSE_VECTOR: proof(),
  METADATA_COMMITMENT: proof(),
  SOURCE_COMMITMENT: proof(),
  LICENCE_COMMITMENT: proof(),
  MODEL_MISMATCH: proof(),
  DIMENSION_MISMATCH: proof(),
  SCORE: proof(),
  RANK_ORDER: proof(),
  RESULT_COUNT: proof(),
  RELEVANCE_BOUND: proof(),
  FILTER_MISMATCH: proof(),
  NAMESPACE_MISMATCH: proof(),
  STATISTICS: proof(),
  EMBEDDING_MISMATCH: { ...proof(true) },
  QUERY_VECTOR: proof(),
  DID_KEY: proof(),
  LOG_UNPINNED: proof(),
  PAYEE_UNPINNED: proof(),
  SIGNER_UNPINNED: proof(),
  TRUST_FILE: { ...proof(), http: 400 },

  // store: documents, indexes, disk
  PARSE_TOO_LARGE: { ...store(), http: 413 },
  PARSE_TOO_MANY_PAGES: store(),
  PARSE_TIMEOUT: store(),
  PARSE_OUT_OF_MEMORY: store(),
  PARSE_ENCRYPTED: store(),
  PARSE_MALFORMED: store(),
  PARSE_NO_TEXT: store(),
  PARSE_UNSUPPORTED: { ...store(), http: 415 },
  PARSE_UNREADABLE: store(),
  PATH_NOT_FOUND: { ...store(), http: 404 },
  EMBED_FAILED: { ...store(true), http: 500 },
  RERANK_FAILED: { ...store(), http: 500 },
  MODEL_NOT_FOUND: store(),
  DEVICE_UNAVAILABLE: store(),
  TEXT_TOO_LONG: { ...store(), http: 400 },
  INDEX_NOT_FOUND: { ...store(), http: 404 },
  INDEX_EXISTS: { ...store(), http: 409 },
  INDEX_PROTECTED: { ...store(), http: 403 },
  INDEX_AMBIGUOUS: { ...store(), http: 409 },
  INDEX_NAME: { ...store(), http: 400 },
  RECORD_INVALID: { ...store(), http: 400 },
  VECTOR_DIMENSION: { ...store(), http: 400 },
  VECTOR_ZERO: { ...store(), http: 400 },
  VECTOR_NOT_FINITE: { ...store(), http: 400 },
  VECTOR_KIND: { ...store(), http: 400 },
  METADATA_INVALID: { ...store(), http: 400 },
  FILTER_INVALID: { ...store(), http: 400 },
  QUERY_INVALID: { ...store(), http: 400 },
  WRITE_TOO_LARGE: { ...store(), http: 413 },
  DELEGATION_INVALID: store(),
  SNAPSHOT_BEHIND: { ...store(true), http: 409 },
  RECORD_GONE: { ...store(), http: 410 },
  STORE_BUSY: { ...store(true), http: 503 },
  STORE_FULL: { ...store(), http: 403 },
  ENGINE_UNREACHABLE: { ...store(true), http: 503 },
  ENGINE_BEHIND: { ...store(true), http: 503 },
  ENGINE_REFUSED: { ...store(), http: 503 },
  STORE_CLOSED: { ...store(true), http: 503 },
  STORE_LOCKED: { ...store(), http: 503 },
  STORE_DAMAGED: { ...store(), http: 500 },
  STORE_FORMAT: { ...store(), http: 500 },
  FILE_DAMAGED: { ...store(), http: 500 },
  DATA_FOLDER: { ...store(), http: 500 },
  DISK_WRITE: { ...store(true), http: 503 },
  READ_ONLY: { ...store(), http: 503 },
  WORKER_CRASHED: { ...store(true), http: 503 },

  // client: choosing, paying, asking
  NO_PROVIDER: { ...client(true), http: 503 },
  INDEX_NOT_OFFERED: { ...client(), http: 404 },
  MODEL_AMBIGUOUS: { ...client(), http: 409 },
  SPEND_CAP: { ...client(), http: 402 },
  PAYMENT_NEEDED: { ...client(), http: 402 },
  LINK_CLOSED: client(true),
  LINK_PROTOCOL: client(),
  LINK_LIMIT: client(),
  ASK_TIMEOUT: { ...client(true), http: 504 },
  GATEWAY_UNREACHABLE: client(true),
  GATEWAY_RESPONSE: client(),
  ABORTED: { ...client(true), http: 499 },
  CHANNEL_NOT_OPEN: { ...client(), http: 404 },
  WALLET_DAMAGED: { ...client(), http: 500 },
  WALLET_WRITE: { ...client(true), http: 503 },
  CHANNEL_BUSY: { ...client(true), http: 409 },
  KEY_CONFLICT: { ...client(), http: 409 },
  ANSWER_PENDING: { ...client(true), http: 503 },

  // relay: the provider's refusals and the node's own faults
  API_KEY_NEEDED: { ...relay(), http: 401 },
  API_KEY_INVALID: { ...relay(), http: 401 },
  API_KEY_SCOPE: relay(),
  WRITER_KEY: relay(),
  API_KEY_BUDGET: { ...relay(), http: 402 },
  API_KEY_UNKNOWN: { ...relay(), http: 404 },
  API_KEYS_DAMAGED: { ...relay(), http: 500 },
  METHOD_UNKNOWN: { ...relay(), http: 400 },
  OFFER_UNKNOWN: { ...relay(true), http: 409 },
  NOT_ALLOWED: relay(),
  TOPK_CAP: { ...relay(), http: 400 },
  EMBEDDING_CAP: { ...relay(), http: 400 },
  RATE_LIMITED: { ...relay(true), http: 429 },
  EXPOSURE_CAP: { ...relay(), http: 429 },
  IN_FLIGHT_CAP: { ...relay(true), http: 429 },
  DEADLINE: { ...relay(), http: 408 },
  TICKET_CONFLICT: { ...relay(), http: 409 },
  TICKET_OVER: { ...relay(), http: 410 },
  CHANNEL_UNKNOWN: { ...relay(), http: 402 },
  CHANNEL_TERMS: { ...relay(), http: 400 },
  VOUCHER_INVALID: { ...relay(), http: 402 },
  VOUCHER_INSUFFICIENT: { ...relay(), http: 402 },
  CREDIT_INSUFFICIENT: { ...relay(), http: 402 },
  MAX_CHARGE_TOO_LOW: { ...relay(), http: 402 },
  LEDGER_DAMAGED: { ...relay(), http: 500 },
  LEDGER_WRITE: { ...relay(true), http: 503 },
  OVERLOADED: { ...relay(true), http: 503 },
  SHUTTING_DOWN: { ...relay(true), http: 503 },
  NAMESPACE_NOT_FOUND: { ...relay(), http: 404 },
  PROOF_NOT_FOUND: { ...relay(), http: 404 },
  FILE_NOT_FOUND: { ...relay(), http: 404 },
  ROUTE_NOT_FOUND: { ...relay(), http: 404 },
  CONTENT_TYPE: { ...relay(), http: 415 },
  NOT_LIVE: { ...relay(), http: 409 },
  POLICY_FILE: { ...relay(), http: 400 },
  CONFIG: { ...relay(), http: 400 },
  PORT_IN_USE: { ...relay(), http: 500 },
  KEY_FILE: { ...relay(), http: 500 },
  INTERNAL: { ...relay(true), http: 500 },

  // mcp: tools of agents
  SESSION_CAP: { ...mcp(), http: 402 },
  PASSAGE_NOT_FOUND: { ...mcp(), http: 404 },
  PASSAGE_FLAGGED: mcp(),
  CONFIRMATION_NEEDED: { ...mcp(), http: 409 },

  // cli
  USAGE: cli(),
  NODE_NOT_RUNNING: cli(),
  CANCELLED: cli(),
  SOURCE_UNREACHABLE: cli(true),
  SOURCE_RESPONSE: cli(),
  IMPORT_MISMATCH: cli(),
  IMPORT_CHECKPOINT: cli(),
} as const satisfies Record<string, ErrorCodeFacts>;

export type ErrorCode = keyof typeof ERROR_CODES;

type CodeOf<Area extends ErrorCodeFacts['area']> = {
  [Code in ErrorCode]: (typeof ERROR_CODES)[Code]['area'] extends Area ? Code : never;
}[ErrorCode];
export type InputErrorCode = CodeOf<'schemas'>;
export type ProofErrorCode = CodeOf<'proof'>;
export type StoreErrorCode = CodeOf<'store'>;
export type ClientErrorCode = CodeOf<'client'>;
export type RelayErrorCode = CodeOf<'relay'>;
export type McpErrorCode = CodeOf<'mcp'>;
export type CliErrorCode = CodeOf<'cli'>;

/** An error with a stable code: what every Tributary package throws for conditions a caller may handle. */
export class TributaryError<Code extends ErrorCode = ErrorCode> extends Error {
  override readonly name: string = 'TributaryError';
  readonly code: Code;
  /** When the same call may succeed, if that is known. */
  readonly retryAfterMs: number | null;

  constructor(code: Code, message: string, options?: { cause?: unknown; retryAfterMs?: number | null }) {
    super(message, options);
    this.code = code;
    this.retryAfterMs = options?.retryAfterMs ?? null;
  }
}

/** True when `error` carries one of Tributary's codes. */
export function isTributaryError(error: unknown): error is TributaryError {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && Object.hasOwn(ERROR_CODES, error.code);
}
