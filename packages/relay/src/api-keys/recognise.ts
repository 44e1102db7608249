import { timingSafeEqual } from 'node:crypto';
import type { ApiKeyRecord } from '@tributary/schemas';
import { RelayError } from '../errors.ts';
import { parseToken } from './token.ts';
import type { ApiKeyInfo } from './types.ts';

/**
 * The key that belongs to the token; null when no token was sent.
 *
 * @throws RelayError API_KEY_NEEDED, API_KEY_INVALID
 */
export function recognise(keys: readonly ApiKeyRecord[], sent: string | null, nowMs: number): ApiKeyRecord {
  if (sent === null)
    throw new RelayError(
      'API_KEY_NEEDED',
      'this gateway needs an API key; send it as Authorization: Bearer KEY, or as Api-Key: KEY',
    );
  const token = parseToken(sent);
  if (token === null)
    throw new RelayError(
      'API_KEY_INVALID',
      'this is not an API key of a gateway, or it is mistyped; it has 62 characters and begins with trib_',
    );
  const key = keys.find(({ id }) => id === token.id);
  if (key === undefined || !timingSafeEqual(Buffer.from(key.hash, 'hex'), Buffer.from(token.hash, 'hex')))
    throw new RelayError('API_KEY_INVALID', 'this API key is unknown here, or was replaced by a new one');
  const state = stateOf(key, nowMs);
  if (state !== 'active') throw new RelayError('API_KEY_INVALID', `the API key ${key.id} is ${state}`);
  return key;
}

/** Whether a key is active, expired or revoked. */
export function stateOf({ revokedAt, expiresAt }: ApiKeyRecord, nowMs: number): ApiKeyInfo['state'] {
  if (revokedAt !== null) return 'revoked';
  return expiresAt !== null && expiresAt <= nowMs ? 'expired' : 'active';
}
