import { z } from 'zod';
import { answerBytesMax, merklePathHashesMax, noteBytesMax, requestBytesMax, resultsMax, statementBytesMax } from './limits.ts';
import { base64url, bytes32, text } from './primitives.ts';
import { channelTerms, receipt, ticket, voucher } from './payment.ts';
import { signedIdentity, signedOffer, signedStatement } from './statements.ts';

/** Length of an answer's bytes as base64url. */
const recordTextMax = Math.ceil((answerBytesMax * 4) / 3);

/**
 * Everything a third party needs to check one answer offline (docs/spec/bundle.md). A bundle is this JSON value in any
 * spelling: the texts that are hashed or signed are strings inside it.
 */
export const bundle = z.strictObject({
  v: z.literal(1),
  type: z.literal('tributary/bundle'),
  request: z.strictObject({ nonce: bytes32, body: text(requestBytesMax) }),
  response: text(answerBytesMax),
  /** For each result, in order, its record and the inclusion path of its slot in the snapshot. */
  records: z
    .array(z.strictObject({ shown: base64url.max(recordTextMax), path: z.array(bytes32).max(merklePathHashesMax) }))
    .max(resultsMax),
  receipt,
  /** Null for a free answer. */
  payment: z.strictObject({ terms: channelTerms, ticket, voucher }).nullable(),
  offer: signedOffer,
  identity: signedIdentity,
  manifest: text(statementBytesMax),
  /** C2SP tlog-proof of the manifest in the index's log. */
  log: text(noteBytesMax),
  /** Verifier keys (C2SP vkey) of the cosignatures in `log`. */
  witnesses: z.array(text(512)).max(16),
  /** The write statements that the results name, each once, in the order of first use. */
  writes: z.array(signedStatement).max(1_000),
  /** The list of writers, if a write is not signed by the owner of the index. */
  writers: signedStatement.optional(),
});
export type Bundle = z.infer<typeof bundle>;

/** Keys that a verifier trusts. Any list may be empty. Keys that are not listed are reported as unpinned. */
export const trust = z.strictObject({
  v: z.literal(1),
  type: z.literal('tributary/trust'),
  /** did:key of signers of writes. */
  signers: z.array(z.string()).max(10_000),
  /** did:key of index owners whose logs are accepted. */
  logs: z.array(z.string()).max(10_000),
  /** Addresses that may be paid. */
  payees: z.array(z.string()).max(10_000),
  /** C2SP verifier keys of witnesses, and how many must have cosigned. */
  witnesses: z.array(z.string()).max(64).default([]),
  quorum: z.number().int().min(0).max(64).default(0),
});
export type Trust = z.infer<typeof trust>;
