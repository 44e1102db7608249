import { expect, test } from 'vitest';
import { openOpenAiGateway } from '../../../test/support/openai.ts';

async function open() {
  const { call, gateway } = await openOpenAiGateway();
  const ask = (more: object = {}) => call('POST /v1/embeddings', { json: { model: 'test/model', input: 'a', ...more } });
  return { ask, gateway };
}

test('vectors come as numbers unless base64 is asked for', async () => {
  const { ask } = await open();
  expect(await ask()).toMatchObject({
    status: 200,
    body: {
      object: 'list',
      model: 'test/model',
      data: [{ object: 'embedding', index: 0, embedding: [0.6, 0.8, 3, 4] }],
      usage: { prompt_tokens: 1, total_tokens: 1 },
    },
  });
  const { body } = await ask({ encoding_format: 'base64' });
  const bytes = Buffer.from(body.data[0]!.embedding as string, 'base64');
  expect([bytes.length, bytes.readFloatLE(8)]).toEqual([16, 3]);
});

test('2,048 texts are taken and no more', async () => {
  const { ask } = await open();
  expect((await ask({ input: Array(2_048).fill('a') })).body.data.length).toBe(2_048);
  expect(await ask({ input: Array(2_049).fill('a') })).toMatchObject({ status: 400, body: { error: { param: 'input' } } });
});

test('so are texts of 4 MiB together', async () => {
  const { ask } = await open();
  const long = 'é'.repeat(32_768);
  expect((await ask({ input: Array(64).fill(long) })).status).toBe(200);
  expect(await ask({ input: [...Array(64).fill(long), 'a'] })).toMatchObject({
    status: 400,
    body: { error: { param: 'input' } },
  });
  expect(await ask({ input: `${long}a` })).toMatchObject({ status: 400, body: { error: { param: 'input' } } });
});

test('vectors are cut to a length that the card lists, and normalised', async () => {
  const { ask } = await open();
  expect((await ask({ dimensions: 2 })).body.data[0]!.embedding).toEqual([0.6, 0.8]);
  expect((await ask({ dimensions: 4 })).body.data[0]!.embedding).toEqual([0.6, 0.8, 3, 4]);
  expect(await ask({ dimensions: 3 })).toMatchObject({ status: 400, body: { error: { param: 'dimensions' } } });
});

test('bodies that are no request are refused in the shape of OpenAI', async () => {
  const { gateway } = await open();
  const post = (type: string, payload: string) =>
    gateway.app.inject({ method: 'POST', url: '/v1/embeddings', headers: { host: 'localhost', 'content-type': type }, payload });
  for (const [type, payload, status] of [
    ['application/json', '{', 400],
    ['application/json', '[]', 400],
    ['application/json', '{"__proto__":1}', 400],
    ['text/plain', 'a', 415],
  ] as const) {
    const reply = await post(type, payload);
    expect([reply.statusCode, reply.json()]).toEqual([
      status,
      { error: { message: expect.any(String), type: 'invalid_request_error', param: null, code: expect.any(String) } },
    ]);
  }
});
