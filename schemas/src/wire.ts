import { z } from 'zod';
import {
  announcedAddressesMax,
  announcedOffersMax,
  linkRecordsBytesMax,
  merklePathHashesMax,
  noteBytesMax,
  peerAddressesMax,
  statementBytesMax,
} from './limits.ts';
import { amount, bytes16, bytes32, count, hash, indexId, text, timeMs } from './primitives.ts';
import { aboutChannel, channelState, openChannel, receipt, ticket, voucher } from './payment.ts';
import { signedIdentity, signedOffer, signedStatement } from './statements.ts';

/** libp2p protocol id of the one multiplexed stream per peer pair (docs/spec/relay.md). */
export const RELAY_PROTOCOL = '/tributary/relay/1';

/**
 * Type byte of a frame: u32 length, u8 type, u64 id, u32 head length, head (canonical JSON), body. All integers
 * big-endian.
 */
export const FRAME = { hello: 1, ask: 2, answer: 3, refusal: 4, call: 5, result: 6, credit: 7, cancel: 8 } as const;
export type FrameType = (typeof FRAME)[keyof typeof FRAME];

/**
 * First frame of each side: how many unanswered requests and how many unacknowledged answer bytes it accepts, and how
 * many bytes of records it remembers.
 */
export const helloHead = z.strictObject({
  v: z.literal(1),
  requestsMax: count.min(1),
  windowBytes: count.min(1),
  recordsBytesMax: count.max(linkRecordsBytesMax),
});
/** A paid or free question; the body is the request's exact bytes. */
export const askHead = z.strictObject({
  nonce: bytes32,
  offer: hash,
  ticketId: bytes16,
  deadline: timeMs,
  payment: z.strictObject({ ticket, voucher }).nullable(),
});
/**
 * The receipt; the body is the answer's exact bytes. As many bytes of it as `records` says are the records that the
 * answer names, behind the text.
 */
export const answerHead = z.strictObject({ receipt, records: count.min(1).optional() });
/** A refusal costs nothing and is a value, not an exception. `channel` helps a payer that lost its state to recover. */
export const refusalHead = z.strictObject({
  code: text(64),
  message: text(2_048),
  retryAfterMs: count.nullable(),
});
/** Bytes the receiver has consumed since its last credit frame. */
export const creditHead = z.strictObject({ bytes: count.min(1) });
export const callHead = z.strictObject({ method: text(64), params: z.unknown() });
export const resultHead = z.strictObject({ result: z.unknown() });

/** What a provider announces of itself: identity, addresses and offers (docs/spec/relay.md). */
export const announcement = z.strictObject({
  identity: signedIdentity,
  addresses: z.array(text(512)).max(announcedAddressesMax),
  offers: z.array(signedOffer).max(announcedOffersMax),
});
export type Announcement = z.infer<typeof announcement>;

/**
 * An announcement as it arrives. Its addresses and offers are validated one by one, so that a wrong one does not hide
 * the others.
 */
const saidOfSelf = z.strictObject({
  announcement: z
    .strictObject({
      identity: signedIdentity,
      addresses: z.array(z.unknown()).max(announcedAddressesMax),
      offers: z.array(z.unknown()).max(announcedOffersMax),
    })
    .nullable(),
});
export type SaidOfSelf = z.infer<typeof saidOfSelf>['announcement'];

/** A channel's signed state and its last receipt. */
const toldChannel = z.strictObject({ state: channelState, receipt: receipt.nullable() });
export type ToldChannel = z.infer<typeof toldChannel>;

/** Control methods of a link: parameters and results. */
export const METHODS = {
  /**
   * What each side announces of itself. It replaces everything announced before; null from a node that offers nothing.
   */
  announce: { params: saidOfSelf, result: saidOfSelf },
  /** Addresses of other nodes with listed offers, and nothing else. Each is validated on its own. */
  peers: { params: z.strictObject({}), result: z.strictObject({ addresses: z.array(z.unknown()).max(peerAddressesMax) }) },
  /** Manifest and tlog-proof of one snapshot, and its list of writers if it has one. */
  snapshot: {
    params: z.strictObject({ index: indexId, manifest: hash }),
    result: z.strictObject({
      manifest: text(statementBytesMax),
      log: text(noteBytesMax),
      writers: signedStatement.optional(),
    }),
  },
  /** Write statements by hash, in the requested order. */
  writes: {
    params: z.strictObject({ index: indexId, hashes: z.array(hash).min(1).max(1_000) }),
    result: z.strictObject({ writes: z.array(signedStatement).max(1_000) }),
  },
  /** Consistency proof between two sizes of the index's log. */
  consistency: {
    params: z.strictObject({ index: indexId, first: count, second: count }),
    result: z.strictObject({ hashes: z.array(bytes32).max(2 * merklePathHashesMax) }),
  },
  /** Opens a channel or raises its deposit; repeating it changes nothing. */
  openChannel: { params: openChannel, result: toldChannel },
  /** The state of a channel, for its payer. */
  channelState: { params: aboutChannel, result: toldChannel },
  /** Closes a channel, for its payer. The uncharged rest becomes credit again. Repeating it changes nothing. */
  closeChannel: { params: aboutChannel, result: toldChannel },
  /** Credit of a payer in the provider's ledger that is not locked in a channel. */
  credit: { params: z.strictObject({ payer: z.string() }), result: z.strictObject({ available: amount, unit: text(32) }) },
} as const;
export type MethodName = keyof typeof METHODS;
export type MethodParams<M extends MethodName> = z.output<(typeof METHODS)[M]['params']>;
export type MethodResult<M extends MethodName> = z.output<(typeof METHODS)[M]['result']>;

export type AskHead = z.infer<typeof askHead>;
export type RefusalHead = z.infer<typeof refusalHead>;
