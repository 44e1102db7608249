import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Accounts, Client } from '@tributary/client';
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
  /** Providers known now. */
  providers: number;
  /** Why not ready, for people. */
  reason?: string;
}

/** The page, bundled; see `@tributary/console`. */
export interface PageFiles {
  html: string;
  js: string;
  css: string;
}

export interface GatewayDeps {
  client: Client;
  /** Accounts that pay for the keys; without them the client's own wallet pays for everybody. */
  accounts?: Pick<Accounts, 'of'>;
  /** A provider's proof that its log grew; see `OpenClient`. */
  consistency(sizes: MethodParams<'consistency'>, signal?: AbortSignal): Promise<string[]>;
  proofs: ProofStore;
  /** Indexes of the node's own store; left out by a gateway without one, which then has no routes that write. */
  own?: OwnIndexes;
  /** APIs of others that the gateway speaks, too; none when left out. */
  dialects?: (inFlight: InFlight, deps: GatewayDeps) => readonly Dialect[];
  log: Log;
  metrics: Metrics;
  ready(): Readiness;
  /** Bundles the page; called once, at start. That of `@tributary/console` when left out. */
  page?: () => Promise<PageFiles>;
  now(): number;
  /** Id of a request, for its caller and the log; a random UUID when left out. */
  requestId?: () => string;
  /** Keys of the programs that may call; without them only this machine may. */
  apiKeys?: KeyRing;
  /** Certificate chain and private key, both PEM: the gateway then speaks HTTPS only. */
  tls?: { cert: Buffer; key: Buffer };
  /** Address to listen on; 127.0.0.1 when left out. Any other needs a key. */
  host?: string;
  /** 0 takes any free port. */
  port: number;
}

export interface Gateway {
  /** @throws RelayError PORT_IN_USE, CONFIG */
  listen(): Promise<{ url: string }>;
  /** Takes no new requests, lets running ones end within {@link gatewayDrainMs}, then cuts them off. */
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
  /** Set where the handler reads the body itself: a file as it is, or a form with it and these fields. */
  upload?: { fields: Readonly<Record<string, string>> };
  /** The usual bound of bodies when left out. */
  bodyBytesMax?: number;
  /** The body is a form (multipart/form-data), and is given as the stream that it arrives in. */
  form?: boolean;
  params?: Readonly<Record<string, { schema: z.ZodType; description: string }>>;
  query?: Readonly<Record<string, { schema: z.ZodType; description: string; required?: boolean }>>;
  replies: Readonly<Record<number, RouteReply>>;
  /** Codes this route answers with besides those that every route may. */
  errors?: readonly ErrorCode[];
  /** Media types of a body that is not JSON; it comes as text. */
  bodyTypes?: readonly string[];
  handler(request: FastifyRequest, reply: FastifyReply): unknown;
}

/** An API of others: its routes, and the shape in which its clients read a refusal. */
export interface Dialect {
  routes: readonly GatewayRoute[];
  /** True when a client of this API made a request for which there is no route. */
  claims(request: FastifyRequest): boolean;
  /** A refusal as this API words it; `error` is what was thrown. */
  refusal(
    refused: ErrorReply,
    error: unknown,
    request: FastifyRequest,
  ): { status: number; headers?: Record<string, string>; body: object | string };
}

export interface RouteReply {
  description: string;
  /** Left out for text and pages. */
  schema?: z.ZodType;
  mediaType?: string;
  /** One line of the reply to a caller that accepts `application/x-ndjson`. */
  lines?: z.ZodType;
}
