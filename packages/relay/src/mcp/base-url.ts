import type { FastifyRequest } from 'fastify';

/** Address of the gateway as its caller wrote it. A proxy that ends TLS says so in a header. */
export function baseUrl({ protocol, headers }: Pick<FastifyRequest, 'protocol' | 'headers'>): string {
  const secure = headers['x-forwarded-proto'] === 'https' || protocol === 'https';
  const url = `${secure ? 'https' : 'http'}://${headers.host ?? 'localhost'}`;
  return URL.canParse(url) ? url : 'http://localhost';
}
