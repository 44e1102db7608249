import type { FastifyRequest } from 'fastify';
import { RelayError } from '../errors.ts';

const LOOPBACK_NAME = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i;

/** True for addresses that only this machine reaches. */
function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);
}

/**
 * Others may reach a gateway only if it can tell who calls.
 *
 * @param keyed whether callers need an API key
 * @throws RelayError CONFIG
 */
export function checkHost(host: string, keyed: boolean): void {
  if (isLoopback(host) || keyed) return;
  throw new RelayError(
    'CONFIG',
    `listening on ${host} lets others spend from this wallet, so it needs an API key: make one with ` +
      'tributary key create, with the same --data folder, then start again',
  );
}

/**
 * A page on the web can make its own name resolve to 127.0.0.1 (DNS rebinding) and would then spend its reader's
 * credit. A gateway without keys therefore answers only to loopback names, and to browsers only from its own page. With
 * keys, that page has none.
 *
 * @throws RelayError NOT_ALLOWED
 */
export function checkCaller(request: FastifyRequest): void {
  const { host, origin } = request.headers;
  if (!LOOPBACK_NAME.test(host ?? '')) {
    throw new RelayError(
      'NOT_ALLOWED',
      'this gateway has no API keys and is for programs of this machine: call it by a loopback name such as 127.0.0.1',
    );
  }
  if (origin !== undefined && origin !== `${request.protocol}://${host}`) {
    throw new RelayError('NOT_ALLOWED', 'this gateway does not answer pages of other origins');
  }
}

/**
 * True when the browser says that the page itself led here: a link, a bookmark or another site must not spend anything
 * by itself.
 */
export function isOwnPage(request: FastifyRequest): boolean {
  return request.headers['sec-fetch-site'] === 'same-origin';
}

/** Headers of every answer. */
export const HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
} as const;

/** Headers of the page: own script and style only, nothing from elsewhere, no frame around it. */
export const PAGE_HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
} as const;
