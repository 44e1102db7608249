import { createServer } from 'node:http';
import { inspect } from 'node:util';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { endpointAttemptsMax, endpointBatchTextsMax } from '../../limits.ts';
import { openEmbedder } from '../embedder.ts';

interface Asked {
  model: string;
  input: string[];
  encoding_format: string;
}
type Answer = { status: number; headers?: Record<string, string>; body: unknown };

/** An endpoint whose answers the test decides; vectors are the length of the text and its first letter. */
async function endpoint(answer: (asked: Asked, call: number) => Answer | null = () => null) {
  const calls: { asked: Asked; key: string | undefined }[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const asked = JSON.parse(Buffer.concat(parts).toString()) as Asked;
      calls.push({ asked, key: request.headers.authorization });
      const data = asked.input.map((text, index) => ({ index, embedding: [text.length, text.charCodeAt(0), 1] })).toReversed();
      const usual: Answer = { status: 200, body: { data, usage: { total_tokens: asked.input.length } } };
      const { status, headers = {}, body } = answer(asked, calls.length) ?? usual;
      response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const waits: number[] = [];
  const open = async (more: object = {}) => {
    const options = {
      baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/`,
      key: 'sk-secret',
      model: 'test-embedding',
      wait: async (ms: number) => void waits.push(ms),
      ...more,
    };
    const embedder = await openEmbedder({ modelDirectory: '', endpoint: options });
    onTestFinished(() => embedder.close());
    return embedder;
  };
  return { open, calls, waits };
}

test('embeds in batches, in the order of the texts, and counts as the endpoint does', async () => {
  const { open, calls } = await endpoint();
  const embedder = await open();
  expect(embedder).toMatchObject({ dimension: 3, card: { id: 'test-embedding', dimension: 3 }, device: { device: 'remote' } });
  const texts = Array.from({ length: endpointBatchTextsMax + 2 }, (_, at) => 'x'.repeat((at % 7) + 1));
  calls.length = 0;
  const vectors = await Promise.all(texts.map((text) => embedder.embed([text], 'document')));
  expect(vectors.map(([vector]) => vector![0])).toEqual(texts.map(({ length }) => length));
  expect(calls.map(({ asked }) => asked.input.length)).toEqual([endpointBatchTextsMax, 2]);
  expect(calls[0]).toMatchObject({ key: 'Bearer sk-secret', asked: { model: 'test-embedding', encoding_format: 'float' } });
  expect((await embedder.embedCounted(texts, 'document')).tokens).toBe(texts.length);
});

test('tries again while the endpoint is busy, as long as it says', async () => {
  const { open, waits, calls } = await endpoint((_, call) => {
    if (call === 2) return { status: 429, headers: { 'retry-after': '3' }, body: { error: { message: 'slow down' } } };
    return call === 3 ? { status: 500, body: 'oops' } : null;
  });
  const embedder = await open();
  expect((await embedder.embed(['abc'], 'query'))[0]![0]).toBe(3);
  expect([calls.length, waits[0]]).toEqual([4, 3_000]);
});

test('gives up after some attempts, and at once on a refusal; the key is not shown', async () => {
  const busy = await endpoint(() => ({ status: 503, body: 'no' }));
  await expect(busy.open()).rejects.toMatchObject({ code: 'EMBED_FAILED' });
  expect([busy.calls.length, busy.waits.length]).toEqual([endpointAttemptsMax, endpointAttemptsMax - 1]);
  const wrong = await endpoint(() => ({ status: 401, body: { error: { message: 'wrong key', code: 'invalid_api_key' } } }));
  const error = await wrong.open().catch((thrown: unknown) => thrown as Error);
  expect(error).toMatchObject({ code: 'EMBED_FAILED', message: expect.stringContaining('wrong key') });
  expect([wrong.calls.length, inspect(error).includes('sk-secret')]).toEqual([1, false]);
  await expect(busy.open({ baseUrl: 'http://127.0.0.1:1/v1' })).rejects.toMatchObject({ code: 'EMBED_FAILED' });
});

test.each<[string, unknown]>([
  ['no JSON', 'x'],
  ['too few vectors', { data: [] }],
  [
    'one vector twice',
    {
      data: [
        { index: 1, embedding: [1, 2, 3] },
        { index: 1, embedding: [1, 2, 3] },
      ],
    },
  ],
  [
    'another dimension',
    {
      data: [
        { index: 0, embedding: [1] },
        { index: 1, embedding: [1] },
      ],
    },
  ],
  [
    'a component that no float holds',
    {
      data: [
        { index: 0, embedding: [1, 2, 1e300] },
        { index: 1, embedding: [1, 2, 3] },
      ],
    },
  ],
])('an answer with %s is refused', async (_, body) => {
  const { open } = await endpoint(({ input }) => (input.length === 2 ? { status: 200, body } : null));
  const embedder = await open();
  await expect(embedder.embed(['a', 'b'], 'document')).rejects.toMatchObject({ code: 'EMBED_FAILED' });
});

test('a text that the endpoint finds too long is TEXT_TOO_LONG', async () => {
  const error = { message: 'maximum context length is 8192 tokens', code: 'context_length_exceeded' };
  const { open } = await endpoint(({ input }) => (input[0] === 'long' ? { status: 400, body: { error } } : null));
  await expect((await open()).embedCounted(['long'], 'document')).rejects.toMatchObject({ code: 'TEXT_TOO_LONG' });
});

test('an endpoint elsewhere needs https, and has no GPU of this machine', async () => {
  const { open } = await endpoint();
  for (const baseUrl of ['http://example.com/v1', 'ftp://127.0.0.1', 'nonsense', 'https://user:pass@example.com'])
    await expect(open({ baseUrl })).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' });
  const options = { baseUrl: 'http://127.0.0.1:1', key: null, model: 'm' };
  await expect(openEmbedder({ modelDirectory: '', endpoint: options, device: 'gpu' })).rejects.toMatchObject({
    code: 'DEVICE_UNAVAILABLE',
  });
});

test.each([
  ['twice for one text and never for another', [0, 2, 2]],
  ['for a text that was not asked', [0, 1, 3]],
  ['never for the first', [1, 2, 2]],
])('refuses vectors that come %s', async (_, indexes) => {
  const { open, calls } = await endpoint(({ input }) =>
    input.length < 3 ? null : { status: 200, body: { data: indexes.map((index) => ({ index, embedding: [1, 0, 0] })) } },
  );
  const embedder = await open();
  calls.length = 0;
  await expect(embedder.embed(['a', 'bb', 'ccc'], 'document')).rejects.toMatchObject({
    code: 'EMBED_FAILED',
    message: expect.stringContaining('one vector for each of 3 texts'),
  });
  expect(calls).toHaveLength(1);
});
