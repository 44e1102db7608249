import type { FastifyRequest } from 'fastify';

/** What the version of the API decides here (docs/spec/pinecone.md#hosts-and-versions). */
export interface ApiVersion {
  /** Name under which the default namespace is shown. */
  defaultNamespace: '' | '__default__';
  /** Counts of a namespace are decimal strings. */
  countsAsText: boolean;
  /** A 401 of the control plane is plain text. */
  plainUnauthorized: boolean;
}

const PREVIOUS = '2025-10';
const KNOWN = /^\d{4}-\d{2}(?:\.alpha)?$/;

export function versionOf({ headers }: FastifyRequest): ApiVersion {
  const sent = String(headers['x-pinecone-api-version'] ?? '');
  const date = (KNOWN.test(sent) ? sent : PREVIOUS).slice(0, PREVIOUS.length);
  return {
    defaultNamespace: date <= '2025-01' ? '' : '__default__',
    countsAsText: date >= '2026-07',
    plainUnauthorized: date >= '2026-07',
  };
}

/** The address that the caller used, without a slash at the end. */
export function addressOf({ headers, protocol, host }: FastifyRequest): string {
  const scheme = headers['x-forwarded-proto'] === 'https' ? 'https' : protocol;
  return `${scheme}://${host}`;
}
