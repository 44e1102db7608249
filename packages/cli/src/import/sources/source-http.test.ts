import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { callSource, serverAddress, type SourceServer } from './source-http.ts';

const KEY = 'key-of-the-test';

let server: Server;
let source: SourceServer;
let asked: IncomingMessage[];
let answers: ((response: ServerResponse) => void)[];
let pauses: number[];
beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request);
    request.resume();
    (answers.shift() ?? ((last) => void last.end('{"a":1}')))(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  source = { what: 'The store', base: `http://127.0.0.1:${port}`, headers: { 'api-key': KEY } };
});
afterAll(() => new Promise((resolve) => server.close(resolve)));
beforeEach(() => {
  [asked, answers, pauses] = [[], [], []];
});

const call = (body: object | null = null, signal = new AbortController().signal) =>
  callSource(source, '/x?ids=1', body, z.object({ a: z.number() }), {
    signal,
    onPause: () => undefined,
    pause: async (ms) => void pauses.push(ms),
  });
const answer =
  (status: number, text: string, headers = {}) =>
  (response: ServerResponse) =>
    void response.writeHead(status, headers).end(text);

describe('a call to a source', () => {
  it('has the key in its header, and gives back what the shape says', async () => {
    expect(await call()).toEqual({ a: 1 });
    expect(await call({ limit: 1 })).toEqual({ a: 1 });
    expect(asked.map(({ method, headers, url }) => [method, headers['api-key'], url])).toEqual([
      ['GET', KEY, '/x?ids=1'],
      ['POST', KEY, '/x?ids=1'],
    ]);
  });
  it('is repeated when the server is busy or breaks off, as long as it asks to', async () => {
    answers = [
      answer(429, 'slow down', { 'retry-after': '7' }),
      answer(503, ''),
      (response) => void response.destroy(),
      answer(500, 'x', { 'retry-after': new Date(Date.now() + 30_000).toUTCString() }),
    ];
    expect(await call()).toEqual({ a: 1 });
    expect(pauses).toHaveLength(4);
    expect(pauses[0]).toBe(7_000);
    expect(pauses[3]).toBeGreaterThan(20_000);
  });
  it.each<[string, (response: ServerResponse) => void, string]>([
    ['401', answer(401, '{"error":"no  key"}'), 'refused /x with 401 {"error":"no key"}'],
    ['a redirection, which the key must not follow', answer(302, '', { location: 'http://127.0.0.1:1/' }), 'cannot be reached'],
    ['501', answer(501, 'never'), '501 never'],
    ['another shape', answer(200, '{"a":"1"}'), 'a: '],
    ['no JSON', answer(200, '<html>'), 'is not JSON'],
    ['bytes that are no text', answer(200, '\xff'), 'is not JSON'],
    ['deep nesting', answer(200, '['.repeat(100) + ']'.repeat(100)), 'nests deeper'],
  ])('fails for %s', async (_, reply, message) => {
    answers = Array(9).fill(reply);
    const error: unknown = await call().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ message: expect.stringContaining(message) });
    expect(String(error)).not.toContain(KEY);
  });
  it('ends with its signal', async () => {
    const stop = new AbortController();
    answers = [() => stop.abort(new Error('stopped'))];
    await expect(call(null, stop.signal)).rejects.toThrow('stopped');
  });
});

describe('the address of a server', () => {
  it.each([
    ['index-abc.svc.pinecone.io', 'https://index-abc.svc.pinecone.io'],
    ['http://127.0.0.1:5080/i/films/', 'http://127.0.0.1:5080/i/films'],
  ])('%s is %s', (given, address) => {
    expect(serverAddress('--host', given)).toBe(address);
  });
  it.each(['https://user:pass@x.example', 'https://x.example?key=1', 'https://x.example#a', 'http://', 'a b'])(
    '%s is refused',
    (given) => {
      expect(() => serverAddress('--host', given)).toThrow(expect.objectContaining({ code: 'USAGE' }));
    },
  );
});
