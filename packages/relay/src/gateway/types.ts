import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Accounts, Client, KeptAnswers, ProviderCredit, Wallet } from '@tributary/client';
import type { ErrorCode, MethodParams } from '@tributary/schemas';
import type { z } from 'zod';
import type { Log } from '../observe/log.ts';
import type { Metrics } from '../observe/metrics.ts';
import type { OwnIndexes } from '../own/types.ts';
import type { Access, KeyRing } from './access.ts';
import type { ErrorReply } from './error-reply.ts';
import type { InFlight } from './in-flight.ts';
import type { ProofStore } from './proof-store.ts';

export interface Readiness {
  ready: boolean;
  /** Number of known providers. */
  providers: number;
  /** True when it serves reads only, because its data folder cannot be written. */
  readOnly: boolean;
  /** Why it is not ready, in words. */
  reason?: string;
}

/** The bundled page; see `@tributary/console`. */
export interface PageFiles {
  html: string;
  js: string;
  css: string;
}

export interface GatewayDeps {
  client: Client;
  /** Accounts that pay for the keys. Without them the client's own wallet pays for everybody. */
  accounts?: Pick<Accounts, 'of'>;
  /** The kept answers of an account. Without them the accounts of keys keep none. */
  kept?: (account: string | null) => KeptAnswers;
  /** What the own wallet, or the given one, can still spend with each provider. Without it there is no `/v1/credit`. */
  credit?: { payer: string; of(wallet?: Wallet): Promise<ProviderCredit[]> };
  /** A provider's proof that its log grew; see `OpenClient`. */
  consistency(sizes: MethodParams<'consistency'>, signal?: AbortSignal): Promise<string[]>;
  proofs: ProofStore;
  /** Indexes of the node's own store. Without a store there are no routes that write. */
  own?: OwnIndexes;
  /** The data folder, which callers are not told. */
  folder?: string;
  /** Other APIs that the gateway speaks. Default: none. */
  dialects?: (inFlight: InFlight, deps: GatewayDeps) => readonly Dialect[];
  log: Log;
  metrics: Metrics;
  ready(): Readiness;
  /** True where nothing can be written: routes that write are refused. Default: false. */
  readOnly?: boolean;
  /** Bundles the page; called once, at the start. Default: that of `@tributary/console`. */
  page?: () => Promise<PageFiles>;
  now(): number;
  /** Id of a request, for its caller and the log. Default: a random UUID. */
  requestId?: () => string;
  /** Keys of the programs that may call. Without them only this machine may. */
  apiKeys?: KeyRing;
  /** Certificate chain and private key, both PEM. With them the gateway speaks only HTTPS. */
  tls?: { cert: Buffer; key: Buffer };
  /** Address to listen on. Default: 127.0.0.1; any other needs a key. */
  host?: string;
  /** 0 takes any free port. */
  port: number;
}

export interface Gateway {
  /** @throws RelayError PORT_IN_USE, CONFIG */
  listen(): Promise<{ url: string }>;
  /** Accepts no new requests, lets running ones finish within {@link gatewayDrainMs}, then aborts them. */
  close(): Promise<void>;
}

/** One route of the gateway: what the server needs to serve it and OpenAPI to describe it. */
export interface GatewayRoute {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Path with `:name` parameters. */
  url: string;
  id: string;
  summary: string;
  access: Access;
  body?: z.ZodType;
  /** Set if the handler reads the body itself: a file as the body, or a form with a file and these fields. */
  upload?: { fields: Readonly<Record<string, string>> };
  /** Longest body, if not the default. */
  bodyBytesMax?: number;
  /** The body is a form (multipart/form-data) and is passed on as a stream. */
  form?: boolean;
  params?: Readonly<Record<string, { schema: z.ZodType; description: string }>>;
  query?: Readonly<Record<string, { schema: z.ZodType; description: string; required?: boolean }>>;
  /** Headers that the route reads. */
  requestHeaders?: Readonly<Record<string, { schema: z.ZodType; description: string }>>;
  replies: Readonly<Record<number, RouteReply>>;
  /** Codes that this route returns besides those of every route. */
  errors?: readonly ErrorCode[];
  /** Media types of a body that is not JSON. It is passed on as text. */
  bodyTypes?: readonly string[];
  handler(request: FastifyRequest, reply: FastifyReply): unknown;
}

/** Another API: its routes, and the format of its refusals. */
export interface Dialect {
  routes: readonly GatewayRoute[];
  /** Ends replies that only wait for news; called first when the gateway closes. */
  stopListening?(): void;
  /** Called when the last request has ended. */
  close?(): Promise<void>;
  /** True when a client of this API made a request for which there is no route. */
  claims(request: FastifyRequest): boolean;
  /** A refusal in the format of this API. `error` is what was thrown. */
  refusal(
    refused: ErrorReply,
    error: unknown,
    request: FastifyRequest,
  ): { status: number; headers?: Record<string, string>; body: object | string };
}

export interface RouteReply {
  description: string;
  /** Absent for text and pages. */
  schema?: z.ZodType;
  mediaType?: string;
  /** One line of the reply to a caller that accepts `application/x-ndjson`. */
  lines?: z.ZodType;
}
