import type { FastifyRequest } from 'fastify';
import type { Permission } from '@tributary/schemas';
import { anybody } from '../api-keys/caller.ts';
import type { ApiKeys, Caller } from '../api-keys/types.ts';
import { StoreError } from '@tributary/store';
import { RelayError } from '../errors.ts';

/**
 * Who may call a route: everybody, or the holder of a key with the permission and, if the path names an index, with
 * that index in its scope.
 */
export type Access =
  | 'public'
  | {
      permission: Permission;
      /** The index in the path, as name@fingerprint or as the name of an own index. */
      index?: (request: FastifyRequest) => string;
    };

/** What a gateway needs of the keys of its node. */
export type KeyRing = Pick<ApiKeys, 'needed' | 'authenticate'>;

/** For a gateway without keys. */
export const noKeys: KeyRing = { needed: () => false, authenticate: () => anybody };

const callers = new WeakMap<FastifyRequest, Caller>();

/**
 * Identifies the caller and checks that the route is open to it, before the body is read.
 *
 * @throws RelayError API_KEY_NEEDED, API_KEY_INVALID, API_KEY_SCOPE, RATE_LIMITED
 */
export function checkAccess(request: FastifyRequest, access: Access, keys: KeyRing): void {
  if (access === 'public') return;
  const caller = keys.needed() ? keys.authenticate(tokenOf(request)) : anybody;
  caller.require(access.permission, access.index?.(request));
  callers.set(request, caller);
}

/**
 * Refuses what changes something, before the body is read, where nothing can be written. What only asks is refused
 * later, if it has to be paid.
 *
 * @throws StoreError READ_ONLY
 */
export function checkWritable({ method }: FastifyRequest, access: Access, readOnly: boolean): void {
  if (!readOnly || access === 'public' || access.permission === 'read' || method === 'GET') return;
  throw new StoreError('READ_ONLY', 'this node only reads now: its file system is read-only; nothing was written');
}

/** The caller of a route that is not public. */
export function callerOf(request: FastifyRequest): Caller {
  const caller = callers.get(request);
  if (caller === undefined) throw new Error('this route has no caller');
  return caller;
}

/**
 * The token of `Authorization: Bearer` or `Api-Key`. A token in the URL is never read, because URLs end up in logs and
 * histories.
 */
function tokenOf({ headers }: FastifyRequest): string | null {
  const bearer = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1] ?? null;
  const plain = headers['api-key'];
  if (plain === undefined) return bearer;
  if (bearer !== null && bearer !== plain)
    throw new RelayError('API_KEY_INVALID', 'Authorization and Api-Key hold different keys; send one of them');
  return String(plain);
}
