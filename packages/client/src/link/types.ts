import type { StrangerPace } from './pace.ts';
import type { AskHead, ErrorCode, MethodName, MethodParams, MethodResult, Receipt, RefusalHead } from '@tributary/schemas';
import type { Clock } from '../clock.ts';
import type { ClientError } from '../errors.ts';
import type { HeldBytes } from './held-bytes.ts';

/** What a link needs from its transport: ordered bytes in both directions, with reliable back-pressure. */
export interface ByteStream {
  /** Always takes the bytes. `false` asks the writer to wait for `onDrain` before it writes more. */
  write(bytes: Uint8Array): boolean;
  onDrain(listener: () => void): void;
  /** Chunks as they arrive. They are not modified afterwards, so views of them may be kept. */
  onData(listener: (bytes: Uint8Array) => void): void;
  /** May still deliver what arrived in the same turn. */
  pause(): void;
  resume(): void;
  /** Sends what was written, then ends the stream. */
  close(): void;
  /** Ends the stream now, in both directions. */
  abort(error: Error): void;
  /** Called once, whichever side ended the stream. */
  onClose(listener: (error?: Error) => void): void;
}

/** Limits of one side of a link. The defaults are in `limits.ts`. */
export interface LinkLimits {
  /** Most unanswered asks and calls of the peer that this side accepts. */
  readonly requestsMax: number;
  /** Most of them on a new link. Each reply that left adds one. */
  readonly requestsStart: number;
  /** Most bytes of the peer's unanswered asks and calls. A request beyond that is refused with OVERLOADED. */
  readonly requestsBytesMax: number;
  /**
   * Most bytes of answers and results in transit that this side accepts, and the most that it sends ahead of credit.
   */
  readonly windowBytes: number;
  /** Most bytes of records that this side remembers of the peer's answers. */
  readonly recordsBytesMax: number;
  /** Most asks and calls of this side that wait for a free place at the peer. */
  readonly queueMax: number;
  readonly askTimeoutMs: number;
  readonly helloTimeoutMs: number;
  readonly handlerTimeoutMs: number;
  readonly stallTimeoutMs: number;
  readonly abandonedTimeoutMs: number;
}

/** One question of the peer. `body` may be a view of a larger chunk; copy what must outlive the answer. */
export interface IncomingAsk {
  readonly head: AskHead;
  readonly body: Uint8Array;
  /** Aborted when the peer cancels, on the handler's timeout, or when the link closes. */
  readonly signal: AbortSignal;
  /** Peer id of the asking side. */
  readonly peer: string;
}

/** A record that an answer names, and the inclusion path of its slot. The bytes are not modified afterwards. */
export interface RecordBytes {
  readonly shown: Uint8Array;
  readonly path: Uint8Array;
}

/** The same with the names under which the link sends each of the two once: 32 bytes, hex. */
export interface NamedRecord extends RecordBytes {
  readonly name: string;
  readonly place: string;
}

export type AskOutcome =
  | { readonly receipt: Receipt; readonly body: Uint8Array; readonly records?: readonly NamedRecord[] }
  | { readonly refusal: RefusalHead };

export interface CallContext {
  readonly signal: AbortSignal;
  readonly peer: string;
  /** IP address of the peer's end; undefined where the transport has none. */
  readonly host: string | undefined;
}

/** What this side does for its peer. An error with a code becomes a refusal with that code, any other INTERNAL. */
export interface LinkHandlers {
  ask(ask: IncomingAsk): Promise<AskOutcome>;
  /** The parameters have been checked against the method's schema; the result will be. */
  call<M extends MethodName>(method: M, params: MethodParams<M>, context: CallContext): Promise<unknown>;
  /** Called for exceptions without a code. Their text never reaches the peer. */
  fault?(error: unknown): void;
}

export interface LinkOptions {
  readonly handlers: LinkHandlers;
  /** Peer id of the other side, passed to the handlers. */
  readonly peer?: string;
  /** IP address of the other side, passed to the handlers. */
  readonly host?: string | undefined;
  readonly limits?: Partial<LinkLimits>;
  readonly clock?: Clock;
  /** The bytes that this node holds for all its links. */
  readonly held?: HeldBytes;
  /**
   * Whether the peer is more than a stranger: then it is not slowed, and its link is closed last. Default: everybody
   * is.
   */
  readonly valued?: () => boolean;
  /** The budget that all links of a node share for strangers. Default: a budget for this link alone. */
  readonly strangers?: StrangerPace;
}

/**
 * A refusal as this side sees it. `peerCode` is what the peer sent; `code` is the same if it is known here, otherwise
 * INTERNAL.
 */
export interface Refusal {
  readonly code: ErrorCode;
  readonly peerCode: string;
  readonly message: string;
  readonly retryAfterMs: number | null;
}

export type AskReply =
  | {
      readonly kind: 'answer';
      readonly receipt: Receipt;
      readonly body: Uint8Array;
      readonly records: readonly RecordBytes[];
    }
  | ({ readonly kind: 'refusal' } & Refusal);

export interface WaitOptions {
  /** Milliseconds until ASK_TIMEOUT, including the wait for a place. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** What the peer accepts, from its first frame. */
export interface LinkHello {
  readonly requestsMax: number;
  readonly windowBytes: number;
  /** Most bytes of records of its answers that it remembers. */
  readonly recordsBytesMax: number;
}

/** One multiplexed link between two nodes (docs/spec/relay.md). Both sides may ask. */
export interface Link {
  /** Peer id of the other side. */
  readonly peer: string;
  /** IP address of the other side; undefined where the transport has none. */
  readonly host: string | undefined;
  /** The peer's hello, or LINK_CLOSED, LINK_PROTOCOL. */
  readonly ready: Promise<LinkHello>;
  /**
   * Sends one question. The body of an answer may be a view of a larger chunk.
   * @throws ClientError ASK_TIMEOUT, ABORTED, LINK_CLOSED, or LINK_LIMIT when too many wait or the question is too long
   */
  ask(head: AskHead, body: Uint8Array, options?: WaitOptions): Promise<AskReply>;
  /**
   * Calls a control method; parameters and result are checked against `METHODS`.
   * @throws RefusalError with the peer's code; TributaryError INPUT_SHAPE for wrong parameters; ClientError as `ask`,
   * and LINK_PROTOCOL for a result of the wrong shape
   */
  call<M extends MethodName>(method: M, params: MethodParams<M>, options?: WaitOptions): Promise<MethodResult<M>>;
  readonly isOpen: boolean;
  /** Asks and calls of this side that are not answered yet, including those that wait for a place. */
  readonly inFlight: number;
  /** The peer's asks and calls whose reply has not been handed to the transport yet. */
  readonly serving: number;
  /** Bytes of frames waiting for credit or for the transport. */
  readonly bufferedBytes: number;
  /**
   * Sends what is queued as far as the transport takes it, rejects what is pending with LINK_CLOSED, and ends the
   * stream.
   */
  close(reason?: string): void;
  /** Why the link ended: LINK_CLOSED, or the peer's violation (LINK_PROTOCOL, LINK_LIMIT). Never rejects. */
  readonly closed: Promise<ClientError>;
}
