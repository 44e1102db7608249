import type {
  Bundle,
  Manifest,
  Offer,
  ProviderIdentity,
  Receipt,
  Request,
  ShownRecord,
  SignedStatement,
  SparseVector,
  Trust,
  WholeAnswer,
  WritersStatement,
  WriteStatement,
} from '@tributary/schemas';
import type { Lru } from '../lru.ts';
import type { NoteSignature } from '../note/note.ts';
import type { Network } from '../payment/eip712.ts';
import type { DecodedRecord } from '../record/shown-bytes.ts';
import type { Bm25Query } from '../score/bm25.ts';
import type { TextTerms } from '../score/terms.ts';
import type { NotProven } from './not-proven.ts';
import type { Unpinned } from './pins.ts';

/**
 * What is needed to verify one answer: the members of a bundle. `response` may be the bytes as they arrived. Writes
 * that the caches already hold may be left out. `witnesses` are verifier keys (C2SP vkey) of the cosignatures to check.
 */
export type AnswerParts = Omit<Bundle, 'v' | 'type' | 'response' | 'records'> & {
  readonly response: string | Uint8Array;
  readonly records: readonly DeliveredRecord[];
};

/**
 * The record of a result and the path of its slot, as in a bundle or as the bytes that arrived. Nobody may change
 * bytes afterwards, because the caches keep them. The bytes of what the caches hold are not looked at.
 */
export interface DeliveredRecord {
  readonly shown: string | Uint8Array;
  readonly path: readonly string[] | Uint8Array;
}

/** What the client itself knows. Each given part must agree. */
export interface Expectations {
  /** The question as asked. REQUEST_MISMATCH */
  readonly request?: { readonly nonce: string; readonly body: string };
  /**
   * When the question was asked, by the client's own clock (Unix ms). Default: `now`. Offer and identity must have been
   * valid then, and the receipt must not be older. OFFER_EXPIRED, IDENTITY_EXPIRED, CLOCK_STALE
   */
  readonly askedAt?: number;
  /** Id of the ticket as sent. RECEIPT_MISMATCH */
  readonly ticketId?: string;
  /** Hash of the offer as accepted. OFFER_MISMATCH */
  readonly offer?: string;
  /** The most that the answer may cost. RECEIPT_CHARGE */
  readonly maxCharge?: string;
  /** Digest of the model that the client embeds with. MODEL_MISMATCH */
  readonly model?: string;
}

export interface VerifyOptions {
  readonly caches?: VerifierCaches;
  readonly trust?: Trust;
  /** True: keys that `trust` does not list are refused. LOG_UNPINNED, PAYEE_UNPINNED, SIGNER_UNPINNED */
  readonly requirePins?: boolean;
  readonly expected?: Expectations;
  /**
   * Reader's clock, Unix ms. Together with `expected.request` it dates the answer. Without the two, signed times are
   * only compared with each other, and the report lists `servedAt` and `fresh` as not proven.
   */
  readonly now?: number;
  /** Greatest age of an accepted answer, in ms before `now`. CLOCK_STALE */
  readonly maxAgeMs?: number;
  /** Networks on which payment is allowed besides each provider's own ledger. */
  readonly networks?: readonly Network[];
  /**
   * The question that the caller itself wrote: its text, and the request that the text was written from. A delivered
   * question of the same text is not read again.
   */
  readonly ownRequest?: { readonly body: string; readonly request: Request };
  /**
   * The voucher that the caller itself signed for this very ticket, and the address of the key. When the answer is paid
   * with exactly this voucher, its signer is known and not recovered again; everything else about it is checked. Never
   * fill it from what a provider sent.
   */
  readonly ownVoucher?: OwnVoucher;
}

/** A voucher made by the caller's own key. */
export interface OwnVoucher {
  readonly channel: string;
  readonly cumulative: string;
  /** Hash of the ticket that it was signed over, hex. */
  readonly ctx: string;
  readonly signature: string;
  /** Address of the key. */
  readonly signer: string;
}

/** Verified statements by their exact text and signature, bounded; writes by hash. Safe to share between providers. */
export interface VerifierCaches {
  readonly identities: Lru<string, VerifiedIdentity>;
  readonly offers: Lru<string, VerifiedOffer>;
  readonly snapshots: Lru<string, VerifiedSnapshot>;
  readonly writes: Lru<string, VerifiedWrite>;
  readonly writers: Lru<string, WritersStatement>;
  /** Records by the hash of their bytes. */
  readonly items: Lru<string, KnownItem>;
  /** What is in a slot of a snapshot, by manifest hash and slot. */
  readonly places: Lru<string, KnownPlace>;
}

/** A record that passed every check that follows from its bytes alone, with what scores are computed from. */
export interface KnownItem {
  /** Never changed. */
  readonly bytes: Uint8Array;
  /** Frozen. */
  readonly record: ShownRecord;
  /** Digest of the model card with which its commitments were checked. */
  readonly model: string;
  readonly vector: Float32Array;
  readonly sparse: SparseVector | null;
  /** UTF-8 bytes of its text. */
  readonly textBytes: number;
  /** Null when no question with words has met it yet. */
  readonly text: TextTerms | null;
}

/** A record that was found in a slot of a snapshot. */
export interface KnownPlace {
  /** Hash of its bytes, hex. */
  readonly record: string;
  /** The inclusion path. Never changed. */
  readonly path: Uint8Array;
}

/** The record of a result, read from its bytes or known. */
export interface ReadItem {
  /** What was verified of it before; null for a new one. */
  readonly known: KnownItem | null;
  /** True when it was found in this slot of this snapshot before. */
  readonly placed: boolean;
  readonly bytes: Uint8Array;
  readonly record: ShownRecord;
  /** Null for a known one. */
  readonly decoded: DecodedRecord | null;
  /** The hashes of the inclusion path of its slot. */
  readonly path: Uint8Array;
}

export interface VerifiedIdentity {
  readonly identity: ProviderIdentity;
  readonly hash: string;
}
export interface VerifiedOffer {
  readonly offer: Offer;
  readonly hash: string;
}
export interface VerifiedWrite {
  readonly statement: WriteStatement;
  readonly hash: string;
  readonly signed: SignedStatement;
}
export interface VerifiedSnapshot {
  readonly manifest: Manifest;
  readonly hash: string;
  /** Raw root of the snapshot tree. */
  readonly root: Uint8Array;
  /** Head of the log that contains the manifest. The client compares it with the last one it saw (`checkHead`). */
  readonly head: LogHead;
  readonly cosignatures: readonly NoteSignature[];
}

/** Head of an index's log. */
export interface LogHead {
  readonly origin: string;
  readonly size: number;
  /** Raw root hash. */
  readonly root: Uint8Array;
}

/** A receipt that names this question and this answer. */
export interface VerifiedReceipt {
  readonly receipt: Receipt;
  readonly hash: string;
  readonly request: Request;
  readonly answer: WholeAnswer;
  /** The record of each result. */
  readonly items: readonly ReadItem[];
}

/** A query ready for recomputing scores. A part that the mode does not use is null. */
export interface VerifiedQuery {
  readonly vector: Float32Array | null;
  readonly keywords: Bm25Query | null;
  readonly sparse: SparseVector | null;
  /** Vectors of the results, in order. */
  readonly resultVectors: readonly Float32Array[];
  /** Their sparse vectors; null where a result has none. */
  readonly resultSparse: readonly (SparseVector | null)[];
  /** Terms of their texts, in modes with words; null in others. */
  readonly resultTexts: readonly TextTerms[] | null;
}

/** Which keys the trust file lists; null where the answer has no such key (no results, nothing paid). */
export interface Pinned {
  readonly signers: boolean | null;
  readonly log: boolean;
  readonly payee: boolean | null;
}

/** An answer that passed every check. */
export interface VerifiedAnswer {
  readonly request: Request;
  readonly answer: WholeAnswer;
  /** The bytes of each result's record, and the path of its slot, as they were checked. */
  readonly records: readonly Pick<ReadItem, 'bytes' | 'path'>[];
  readonly receiptHash: string;
  readonly identity: ProviderIdentity;
  readonly offer: Offer;
  readonly snapshot: VerifiedSnapshot;
  /** The write of each result, in order. */
  readonly writes: readonly VerifiedWrite[];
  /** The query vector of the scores; null in modes without dense vectors and for empty answers. */
  readonly queryVector: Float32Array | null;
  readonly pinned: Pinned;
  /** The keys that `pinned` reports as false. */
  readonly unpinned: readonly Unpinned[];
  readonly notProven: readonly NotProven[];
}
