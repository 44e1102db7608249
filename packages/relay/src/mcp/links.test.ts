import type { FastifyRequest } from 'fastify';
import { expect, test } from 'vitest';
import { baseUrl } from './base-url.ts';
import { createLinks } from './links.ts';

const request = { protocol: 'http', headers: { host: 'node.example:8787' } } as FastifyRequest;
const linkOf = (url: string) => new URL(url).searchParams.get('link') ?? undefined;

test('a link is for one passage, and for the process that made it', () => {
  const links = createLinks(new Uint8Array(32).fill(1), () => true);
  const link = linkOf(links.urlOf(request, 'answer.a.0'));
  expect(links.holds('answer.a.0', link)).toBe(true);
  expect(links.holds('answer.a.1', link)).toBe(false);
  expect(links.holds('answer.a.0', undefined)).toBe(false);
  expect(links.holds('answer.a.0', '')).toBe(false);
  expect(createLinks(new Uint8Array(32).fill(2), () => true).holds('answer.a.0', link)).toBe(false);
});

test('a gateway without keys needs no mark, and gets one with its first key', () => {
  let keyed = false;
  const links = createLinks(new Uint8Array(32), () => keyed);
  expect(links.urlOf(request, 'a/b')).toBe('http://node.example:8787/read/a%2Fb');
  expect(links.holds('a/b', undefined)).toBe(true);
  keyed = true;
  expect(links.holds('a/b', undefined)).toBe(false);
});

test('the address is what the caller wrote, https behind a proxy that says so, and always well formed', () => {
  const at = (headers: Record<string, string>) => baseUrl({ protocol: 'http', headers });
  expect(at({ host: 'a.example' })).toBe('http://a.example');
  expect(at({ host: 'a.example', 'x-forwarded-proto': 'https' })).toBe('https://a.example');
  expect(at({ host: 'a b' })).toBe('http://localhost');
  expect(at({})).toBe('http://localhost');
});
