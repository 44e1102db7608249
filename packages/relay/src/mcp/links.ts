import { createHmac, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { baseUrl } from './base-url.ts';

/** Addresses of pages that show one passage. */
export interface Links {
  urlOf(request: FastifyRequest, id: string): string;
  /** Whether this link was made here, for this passage. */
  holds(id: string, link: string | undefined): boolean;
}

const MARK_BYTES = 16;

/**
 * Whoever has the link may read the passage, because a browser sends no API key. A gateway without keys needs none. The
 * secret is new at each start, so links end with the process.
 */
export function createLinks(secret: Uint8Array, needed: () => boolean): Links {
  const markOf = (id: string): Buffer =>
    createHmac('sha256', secret).update('tributary/link/v1\n').update(id).digest().subarray(0, MARK_BYTES);
  return {
    urlOf(request, id) {
      const page = `${baseUrl(request)}/read/${encodeURIComponent(id)}`;
      return needed() ? `${page}?link=${markOf(id).toString('base64url')}` : page;
    },
    holds(id, link) {
      if (!needed()) return true;
      const sent = Buffer.from(link ?? '', 'base64url');
      return sent.length === MARK_BYTES && timingSafeEqual(sent, markOf(id));
    },
  };
}
