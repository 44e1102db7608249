import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Caller } from '../api-keys/types.ts';
import { callerOf, type Access } from './access.ts';
import type { InFlight } from './in-flight.ts';
import type { GatewayRoute } from './types.ts';
import { waitingFor, type Waiting } from './waiting.ts';

/** The HTTP side of one call: how a request is read, and how its result is shown. It has no effects. */
export interface Endpoint<Asked, Result> extends Pick<
  GatewayRoute,
  'id' | 'summary' | 'body' | 'params' | 'query' | 'requestHeaders' | 'replies' | 'errors' | 'bodyBytesMax' | 'form'
> {
  /** @throws TributaryError for a request that the route does not accept */
  parse(request: FastifyRequest): Asked;
  shape(result: Result, asked: Asked): unknown;
  /** Default: 200. */
  status?: number;
  /** Headers of the reply. */
  headers?(asked: Asked, result: Result): Record<string, string>;
}

type Place = readonly [method: GatewayRoute['method'], url: string];

/** A row of the table: a route is parse, one call, shape. */
export function row<Asked, Result>(
  [method, url]: Place,
  access: Access,
  endpoint: Endpoint<Asked, Result>,
  call: (asked: Asked, caller: Caller, reply: FastifyReply) => Result | Promise<Result>,
): GatewayRoute {
  const { parse, shape, status = 200, headers, ...description } = endpoint;
  return {
    ...description,
    method,
    url,
    access,
    async handler(request: FastifyRequest, reply: FastifyReply) {
      const asked = parse(request);
      const result = await call(asked, callerOf(request), reply);
      const body = shape(result, asked);
      if (headers) void reply.headers(headers(asked, result));
      return reply.code(status).send(body);
    },
  };
}

/** Like {@link row}, for calls that ask the network: bounded in number, and given up when the caller hangs up. */
export function askingRow<Asked, Result>(
  inFlight: InFlight,
  place: Place,
  access: Access,
  endpoint: Endpoint<Asked, Result>,
  call: (asked: Asked, caller: Caller, waiting: Waiting) => Promise<Result>,
): GatewayRoute {
  return row(place, access, endpoint, (asked, caller, reply) =>
    inFlight.run(reply, (signal) => call(asked, caller, waitingFor(reply, signal))),
  );
}
