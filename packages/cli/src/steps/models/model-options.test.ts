import { expect, test } from 'vitest';
import { shippedModel } from '../../folders.ts';
import { embeddingPrice, modelOptions } from './model-options.ts';

const asked = (model: string | undefined, env: NodeJS.ProcessEnv = {}) =>
  modelOptions({ device: 'auto', ...(model === undefined ? {} : { model }) }, env, (name, device) =>
    Promise.resolve(`/hub/${name} for ${device}`),
  );

test('a model is the shipped one, a folder, one of the hub, or one of an endpoint', async () => {
  expect(await asked(undefined)).toEqual({ modelDirectory: shippedModel, device: 'auto' });
  expect(await asked('./folder')).toEqual({ modelDirectory: './folder', device: 'auto' });
  expect(await asked('hf:owner/name@main')).toEqual({ modelDirectory: '/hub/owner/name@main for auto', device: 'auto' });
  expect((await asked('openai:small', { OPENAI_API_KEY: 'sk' })).endpoint).toEqual({
    baseUrl: 'https://api.openai.com/v1',
    key: 'sk',
    model: 'small',
  });
  expect((await asked('openai:small', { OPENAI_BASE_URL: 'http://127.0.0.1:1/v1' })).endpoint).toMatchObject({ key: null });
});

test('what is missing is said', async () => {
  for (const missing of [asked('openai:small'), asked('openai:', { OPENAI_API_KEY: 'sk' })])
    await expect(missing).rejects.toMatchObject({ code: 'USAGE' });
  for (const call of [
    () => embeddingPrice({ TRIBUTARY_EMBEDDING_PRICE: 'cheap' }),
    () => embeddingPrice({ TRIBUTARY_EMBEDDING_PRICE: '-1' }),
    () => embeddingPrice({ TRIBUTARY_EMBEDDING_PRICE: '' }),
  ])
    expect(call).toThrow(expect.objectContaining({ code: 'USAGE' }));
  expect([embeddingPrice({}), embeddingPrice({ TRIBUTARY_EMBEDDING_PRICE: '0.02' })]).toEqual([null, 0.02]);
});
