import type { StrangerPace } from './pace.ts';
import type { AskHead, ErrorCode, MethodName, MethodParams, MethodResult, Receipt, RefusalHead } from '@tributary/schemas';
import type { Clock } from '../clock.ts';
import type { ClientError } from '../errors.ts';
import type { HeldBytes } from './held-bytes.ts';

/** What a link needs from its transport: bytes in order, both ways, with back-pressure that can be relied on. */
export interface ByteStream {
  /** Takes the bytes in any case; `false` asks the writer to wait for `onDrain` before it writes more. */
  write(bytes: Uint8Array): boolean;
  onDrain(listener: () => void): void;
  /** Chunks as they come; a chunk is not written to afterwards, so views of it may be kept. */
  onData(listener: (bytes: Uint8Array) => void): void;
  /** May still deliver what arrived in the same turn. */
  pause(): void;
  resume(): void;
  /** Sends what was written, then ends the stream. */
  close(): void;
  /** Ends the stream now, in both directions. */
  abort(error: Error): void;
  /** Called once, whoever ended the stream. */
  onClose(listener: (error?: Error) => void): void;
}

/** Bounds of one side of a link; the defaults are those of `limits.ts`. */
export interface LinkLimits {
  /** Unanswered asks and calls of the peer that this side accepts. */
  readonly requestsMax: number;
  /** Bytes of the peer's unanswered asks and calls held; a request beyond it is refused with OVERLOADED. */
  readonly requestsBytesMax: number;
  /** Bytes of answers and results on their way that this side accepts, and the most it sends ahead of credit. */
  readonly windowBytes: number;
  /** Own asks and calls waiting for a free place at the peer. */
  readonly queueMax: number;
  readonly askTimeoutMs: number;
  readonly helloTimeoutMs: number;
  readonly handlerTimeoutMs: number;
  readonly stallTimeoutMs: number;
  readonly abandonedTimeoutMs: number;
}

/** One question of the peer. `body` may be a view of a larger chunk: copy what outlives the answer. */
export interface IncomingAsk {
  readonly head: AskHead;
  readonly body: Uint8Array;
  /** Aborted when the peer cancels, the handler's time is over, or the link closes. */
  readonly signal: AbortSignal;
  /** Peer id of the asking side. */
  readonly peer: string;
}

export type AskOutcome = { readonly receipt: Receipt; readonly body: Uint8Array } | { readonly refusal: RefusalHead };

export interface CallContext {
  readonly signal: AbortSignal;
  readonly peer: string;
  /** IP address of the peer's end; undefined where the transport has none. */
  readonly host: string | undefined;
}

/**
 * What this side does for its peer. A thrown error with a code becomes a refusal with that code, any other INTERNAL.
 */
export interface LinkHandlers {
  ask(ask: IncomingAsk): Promise<AskOutcome>;
  /** Parameters were checked against the method's schema; the result will be. */
  call<M extends MethodName>(method: M, params: MethodParams<M>, context: CallContext): Promise<unknown>;
  /** Hears of exceptions without a code, whose text never reaches the peer. */
  fault?(error: unknown): void;
}

export interface LinkOptions {
  readonly handlers: LinkHandlers;
  /** Peer id of the other side, handed to the handlers. */
  readonly peer?: string;
  /** IP address of the other side, handed to the handlers. */
  readonly host?: string | undefined;
  readonly limits?: Partial<LinkLimits>;
  readonly clock?: Clock;
  /** What this node holds for all its links. */
  readonly held?: HeldBytes;
  /** Whether the peer is more than a stranger: it is not slowed, and its link is cut last. Everybody is, by default. */
  readonly valued?: () => boolean;
  /** Shares what strangers may cost among all links of a node; a link alone has a budget of its own. */
  readonly strangers?: StrangerPace;
}

/**
 * A refusal as the asker sees it. `peerCode` is what the peer wrote; `code` is the same when known here, else INTERNAL.
 */
export interface Refusal {
  readonly code: ErrorCode;
  readonly peerCode: string;
  readonly message: string;
  readonly retryAfterMs: number | null;
}

export type AskReply =
  | { readonly kind: 'answer'; readonly receipt: Receipt; readonly body: Uint8Array }
  | ({ readonly kind: 'refusal' } & Refusal);

export interface WaitOptions {
  /** Milliseconds until ASK_TIMEOUT, waiting for a place included. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** What the peer said it accepts, in its first frame. */
export interface LinkHello {
  readonly requestsMax: number;
  readonly windowBytes: number;
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
  /** Own asks and calls not yet answered, those waiting for a place included. */
  readonly inFlight: number;
  /** The peer's asks and calls whose reply has not yet been handed to the transport. */
  readonly serving: number;
  /** Bytes of frames waiting for credit or for the transport. */
  readonly bufferedBytes: number;
  /**
   * Sends what is queued where the transport takes it, rejects what is pending with LINK_CLOSED, and ends the stream.
   */
  close(reason?: string): void;
  /** Why the link ended: LINK_CLOSED, or what the peer broke (LINK_PROTOCOL, LINK_LIMIT). Never rejects. */
  readonly closed: Promise<ClientError>;
}
