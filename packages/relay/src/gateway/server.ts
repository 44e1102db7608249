import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { buildPage } from '@tributary/console';
import { ERROR_CODES, TributaryError, type ErrorCode } from '@tributary/schemas';
import { RelayError } from '../errors.ts';
import { checkAccess, checkWritable, noKeys, type KeyRing } from './access.ts';
import { errorReply } from './error-reply.ts';
import { checkCaller, checkHost, HEADERS } from './guard.ts';
import { createHeldBodies, type HeldBodies } from './held-bodies.ts';
import { createInFlight } from './in-flight.ts';
import {
  gatewayBodyBytesMax,
  gatewayConnectionsMax,
  gatewayCutMs,
  gatewayDrainMs,
  gatewayHeaderBytesMax,
  gatewayHeadersTimeoutMs,
  gatewayKeepAliveMs,
  gatewayParamCharsMax,
  gatewayQueriesMax,
  gatewayRequestTimeoutMs,
  ownBodyBytesHeldMax,
  uploadsMax,
  uploadTimeoutMs,
} from './limits.ts';
import { describeRoutes } from './openapi.ts';
import { codesOf } from './route-codes.ts';
import { routeTable } from './table.ts';
import { acceptUploads } from './bodies/accept-uploads.ts';
import { discardRest } from './bodies/discard-rest.ts';
import { readJson, readTexts } from './bodies/readers.ts';
import { holdToTime } from './bodies/hold-to-time.ts';
import { watchSilentSockets } from './bodies/silent-sockets.ts';
import type { Dialect, Gateway, GatewayDeps, GatewayRoute } from './types.ts';

const HOST_DEFAULT = '127.0.0.1';
const idleSweepMs = 50;

/** The gateway before it listens, with what the tests of its routes need. */
export interface GatewayServer extends Gateway {
  app: FastifyInstance;
  routes: readonly GatewayRoute[];
}

/** The HTTP gateway: one port. All routes call the client or the node's own indexes. */
export async function createGateway(deps: GatewayDeps): Promise<GatewayServer> {
  const { host = HOST_DEFAULT, port, log, page = buildPage, requestId = randomUUID, apiKeys = noKeys } = deps;
  const inFlight = createInFlight(gatewayQueriesMax);
  const state = { closing: false };
  const dialects = deps.dialects?.(inFlight, deps) ?? [];
  const app = createApp(deps, requestId, dialects);
  addHooks(app, deps, { apiKeys, state, dialects });
  const uploads = createInFlight(uploadsMax);
  const endpoints = routeTable(deps, { inFlight, uploads }, page);
  const routes = [...endpoints, openapiRoute(endpoints)];
  readJson(app);
  readTexts(app, [...routes, ...dialects.flatMap((dialect) => dialect.routes)]);
  const held = createHeldBodies(ownBodyBytesHeldMax);
  const served = [
    ...routes.map((route) => ({ route, serving: { deps, apiKeys, held } })),
    ...dialects.flatMap((dialect) => dialect.routes.map((route) => ({ route, serving: { deps, apiKeys, held, dialect } }))),
  ];
  for (const { route, serving } of served) if (!route.upload) serve(app, route, serving);
  acceptUploads(app, (scope) => {
    for (const { route, serving } of served) if (route.upload) serve(scope, route, serving);
  });
  const silent = watchSilentSockets(app.server);
  await app.ready();
  return {
    app,
    routes: [...routes, ...dialects.flatMap((dialect) => dialect.routes)],
    async listen() {
      checkHost(host, apiKeys.needed());
      return listen(app, host, port, log);
    },
    async close() {
      state.closing = true;
      for (const dialect of dialects) dialect.stopListening?.();
      silent.end();
      const abort = setTimeout(() => [inFlight, uploads].forEach((one) => one.abortAll()), gatewayDrainMs);
      // What was given up is answered by then. What goes on is a body that does not end.
      const cut = setTimeout(() => app.server.closeAllConnections(), gatewayDrainMs + gatewayCutMs);
      // After its last response a connection becomes idle and would keep the server open for the whole keep-alive time.
      const sweep = setInterval(() => app.server.closeIdleConnections(), idleSweepMs);
      await app.close().finally(() => {
        clearTimeout(abort);
        clearTimeout(cut);
        clearInterval(sweep);
      });
      for (const dialect of dialects) await dialect.close?.();
    },
  };
}

interface Serving {
  deps: GatewayDeps;
  apiKeys: KeyRing;
  held: HeldBodies;
  dialect?: Dialect;
}

function serve(app: FastifyInstance, route: GatewayRoute, { deps, apiKeys, held, dialect }: Serving): void {
  const { method, url, access, bodyBytesMax, bodyTypes, form = false } = route;
  app.route({
    method,
    url,
    config: { form, bodyTypes },
    ...(bodyBytesMax === undefined ? {} : { bodyLimit: bodyBytesMax }),
    onRequest: async (request, reply) => {
      checkAccess(request, access, apiKeys);
      checkWritable(request, access, deps.readOnly ?? false);
      if (!route.upload) holdToTime(request, reply, gatewayRequestTimeoutMs);
      if (bodyBytesMax !== undefined) holdBody(held, bodyBytesMax, request, reply);
    },
    handler: async (request, reply) => route.handler(request, reply),
    errorHandler: (error, request, reply) => void refuse(deps, error, request, reply, { allowed: codesOf(route), dialect }),
  });
}

/**
 * Takes room for a long body before it is read. A body without a stated length counts as the longest.
 *
 * @throws RelayError OVERLOADED
 */
function holdBody(held: HeldBodies, bytesMax: number, { headers }: FastifyRequest, reply: FastifyReply): void {
  const stated = Number(headers['content-length'] ?? bytesMax);
  reply.raw.once('close', held.take(Math.min(stated, bytesMax)));
}

/** The document also describes its own route. */
function openapiRoute(endpoints: readonly GatewayRoute[]): GatewayRoute {
  const route: GatewayRoute = {
    method: 'GET',
    url: '/openapi.json',
    id: 'openapi',
    summary: 'This description.',
    access: 'public',
    replies: { 200: { description: 'OpenAPI 3.1.', mediaType: 'application/json' } },
    handler: (_request, reply) => reply.type('application/json; charset=utf-8').send(document),
  };
  const document = JSON.stringify(describeRoutes([...endpoints, route]));
  return route;
}

function createApp(deps: GatewayDeps, requestId: () => string, dialects: readonly Dialect[]): FastifyInstance {
  const { tls, metrics } = deps;
  const http = { maxHeaderSize: gatewayHeaderBytesMax, headersTimeout: gatewayHeadersTimeoutMs };
  const app = fastify({
    genReqId: () => requestId(),
    requestIdHeader: false,
    bodyLimit: gatewayBodyBytesMax,
    requestTimeout: uploadTimeoutMs,
    keepAliveTimeout: gatewayKeepAliveMs,
    forceCloseConnections: 'idle',
    // While closing, requests on open connections get our own refusal, in the usual format.
    return503OnClosing: false,
    // HTTPS differs from HTTP only in its types.
    ...((tls ? { https: { ...http, ...tls } } : { http }) as { http: typeof http }),
    routerOptions: { maxParamLength: gatewayParamCharsMax, ignoreDuplicateSlashes: true },
    frameworkErrors: (error, request, reply) =>
      void refuse(deps, error, request, reply as FastifyReply, { dialect: speakerOf(request, dialects) }),
    clientErrorHandler: (error, socket) => refuseSocket(metrics, requestId(), error, socket),
  });
  app.server.maxConnections = gatewayConnectionsMax;
  return app;
}

interface Hooked {
  apiKeys: KeyRing;
  state: { closing: boolean };
  dialects: readonly Dialect[];
}

function addHooks(app: FastifyInstance, deps: GatewayDeps, { apiKeys, state, dialects }: Hooked): void {
  const { metrics } = deps;
  app.addHook('onRequest', (request, reply, done) => {
    void reply.headers(HEADERS).header('x-request-id', request.id);
    if (state.closing) {
      void reply.header('connection', 'close');
      return done(new RelayError('SHUTTING_DOWN', 'the gateway is closing'));
    }
    if (!apiKeys.needed()) checkCaller(request);
    done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'none';
    metrics.requests.inc({ route, status: reply.statusCode });
    metrics.requestSeconds.observe({ route }, reply.elapsedTime / 1_000);
    done();
  });
  app.setErrorHandler((error, request, reply) => refuse(deps, error, request, reply));
  app.setNotFoundHandler((request, reply) =>
    refuse(
      deps,
      new RelayError('ROUTE_NOT_FOUND', `there is no ${request.method} ${pathOf(request)}; GET /openapi.json lists the routes`),
      request,
      reply,
      { dialect: speakerOf(request, dialects) },
    ),
  );
}

/** The dialect of a request that no route has taken. */
const speakerOf = (request: FastifyRequest, dialects: readonly Dialect[]): Dialect | undefined =>
  dialects.find((dialect) => dialect.claims(request));

const pathOf = (request: FastifyRequest): string => request.url.split('?', 1)[0]!.slice(0, 200);

function refuse(
  { log, metrics, folder }: GatewayDeps,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  { allowed, dialect }: { allowed?: ReadonlySet<ErrorCode>; dialect?: Dialect | undefined } = {},
): FastifyReply {
  const refused = errorReply(error, request.id, { allowed, folder });
  const { status, body } = refused;
  const { code, retryAfterMs } = body.error;
  metrics.errors.inc({ code });
  if (status >= 500)
    log[code === 'INTERNAL' ? 'error' : 'warn']('request-failed', {
      request: request.id,
      route: request.routeOptions.url,
      error,
    });
  if (retryAfterMs !== undefined) void reply.header('retry-after', Math.ceil(retryAfterMs / 1_000));
  if (status === 401) void reply.header('www-authenticate', 'Bearer');
  if (code !== 'SHUTTING_DOWN') discardRest(request, reply);
  void reply.type('application/json; charset=utf-8');
  if (dialect === undefined) return reply.code(status).send(body);
  const worded = dialect.refusal(refused, error, request);
  if (typeof worded.body === 'string') void reply.type('text/plain; charset=utf-8');
  return reply
    .headers(worded.headers ?? {})
    .code(worded.status)
    .send(worded.body);
}

/**
 * Bytes that are not HTTP, headers that are too long, requests that never end: there is no request to answer, only a
 * socket.
 */
function refuseSocket(
  metrics: GatewayDeps['metrics'],
  requestId: string,
  error: Error & { code?: string },
  socket: Socket,
): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const code =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? 'INPUT_TOO_LARGE'
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? 'DEADLINE'
        : 'INPUT_SHAPE';
  const why = {
    INPUT_TOO_LARGE: 'the headers are too long',
    DEADLINE: 'the request did not arrive in time',
    INPUT_SHAPE: 'the request is not HTTP',
  }[code];
  const { body } = errorReply(new TributaryError(code, why), requestId);
  const json = JSON.stringify(body);
  metrics.errors.inc({ code });
  socket.end(
    `HTTP/1.1 ${ERROR_CODES[code].http} Refused\r\nconnection: close\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(json)}\r\n\r\n${json}`,
  );
}

async function listen(app: FastifyInstance, host: string, port: number, log: GatewayDeps['log']): Promise<{ url: string }> {
  try {
    const url = await app.listen({ host, port });
    log.info('gateway-listening', { url });
    return { url };
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === 'EADDRINUSE')
      throw new RelayError('PORT_IN_USE', `port ${port} of ${host} is taken; choose another with --port, or --port 0 for any`, {
        cause,
      });
    throw new RelayError('CONFIG', `cannot listen on port ${port} of ${host} (${code ?? 'unknown'})`, { cause });
  }
}
