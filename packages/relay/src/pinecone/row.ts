import { ERROR_CODES, type ErrorCode } from '@tributary/schemas';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Caller } from '../api-keys/types.ts';
import { callerOf, type Access } from '../gateway/access.ts';
import type { GatewayRoute } from '../gateway/types.ts';

/** The HTTP side of a route in Pinecone's dialect. */
export interface Endpoint<Asked, Result> extends Pick<GatewayRoute, 'bodyBytesMax' | 'bodyTypes'> {
  /** @throws TributaryError for a request that the route does not accept */
  parse(request: FastifyRequest): Asked;
  /** A string is already JSON; undefined is an empty body. */
  shape(result: Result, asked: Asked, request: FastifyRequest): object | string | undefined;
  /** Default: 200. */
  status?: number;
  headers?(result: Result): Record<string, string>;
}

/** The dialect has a format for every code. */
const ALL_CODES = Object.keys(ERROR_CODES) as ErrorCode[];

/** A route is parse, one call, shape. */
export function row<Asked, Result>(
  [method, url]: readonly [GatewayRoute['method'], string],
  access: Access,
  endpoint: Endpoint<Asked, Result>,
  call: (asked: Asked, caller: Caller, reply: FastifyReply) => Result | Promise<Result>,
): GatewayRoute {
  const { parse, shape, status = 200, headers, bodyBytesMax, bodyTypes } = endpoint;
  return {
    id: `pinecone ${method} ${url}`,
    summary: '',
    replies: {},
    errors: ALL_CODES,
    ...(bodyBytesMax === undefined ? {} : { bodyBytesMax }),
    ...(bodyTypes === undefined ? {} : { bodyTypes }),
    method,
    url,
    access,
    async handler(request, reply) {
      const asked = parse(request);
      const result = await call(asked, callerOf(request), reply);
      const body = shape(result, asked, request);
      void reply.code(status).headers({ 'x-pinecone-request-id': request.id, ...headers?.(result) });
      return body === undefined ? reply.send() : reply.type('application/json; charset=utf-8').send(body);
    },
  };
}

/** The headers of a write. */
export const committed = ({ sequence }: { sequence: number }): Record<string, string> => ({
  'x-pinecone-lsn-committed': String(sequence),
});

/** The headers of a read. */
export const reconciled = ({ sequence }: { sequence: number }): Record<string, string> => ({
  'x-pinecone-lsn-reconciled': String(sequence),
});
