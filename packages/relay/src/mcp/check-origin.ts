import type { FastifyRequest } from 'fastify';
import { RelayError } from '../errors.ts';

/**
 * A browser says which page calls. Only the gateway's own may, whether or not there are keys; programs send no origin.
 * A gateway without keys also checks the host (`checkCaller`).
 *
 * @throws RelayError NOT_ALLOWED
 */
export function checkOrigin({ headers: { origin, host } }: Pick<FastifyRequest, 'headers'>): void {
  if (origin === undefined) return;
  if (URL.canParse(origin) && new URL(origin).host === host) return;
  throw new RelayError('NOT_ALLOWED', 'this gateway does not answer pages of other origins');
}
