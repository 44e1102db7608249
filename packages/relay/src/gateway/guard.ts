import type { FastifyRequest } from 'fastify';
import { RelayError } from '../errors.ts';

const LOOPBACK_NAME = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i;

/** True for addresses that only this machine can reach. */
function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);
}

/**
 * Checks that others can reach a gateway only if it can identify its callers.
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
 * A web page can make its own name resolve to 127.0.0.1 (DNS rebinding) and would then spend its reader's credit. So a
 * gateway without keys answers only requests to loopback names, and browsers only from its own page. With keys this is
 * not needed, because such a page has none.
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
 * True when the browser says that the gateway's own page led here. A link, a bookmark or another site must not spend
 * anything by itself.
 */
export function isOwnPage(request: FastifyRequest): boolean {
  return request.headers['sec-fetch-site'] === 'same-origin';
}

/** Headers of every response. */
export const HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
} as const;

/** Headers of the page: only its own script and style, nothing from other sites, no embedding in a frame. */
export const PAGE_HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
} as const;
