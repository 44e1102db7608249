import { expect, test } from 'vitest';
import { shippedModel } from '../folders.ts';
import { embeddingPrice, modelOptions } from './model-options.ts';

const asked = (model: string | undefined, env: NodeJS.ProcessEnv = {}) =>
  modelOptions({ device: 'auto', ...(model === undefined ? {} : { model }) }, env);

test('a model is the shipped one, a folder, or one of an endpoint', () => {
  expect(asked(undefined)).toEqual({ modelDirectory: shippedModel, device: 'auto' });
  expect(asked('./folder')).toEqual({ modelDirectory: './folder', device: 'auto' });
  expect(asked('openai:small', { OPENAI_API_KEY: 'sk' }).endpoint).toEqual({
    baseUrl: 'https://api.openai.com/v1',
    key: 'sk',
    model: 'small',
  });
  expect(asked('openai:small', { OPENAI_BASE_URL: 'http://127.0.0.1:1/v1' }).endpoint).toMatchObject({ key: null });
});

test('what is missing is said', () => {
  for (const call of [
    () => asked('openai:small'),
    () => asked('openai:', { OPENAI_API_KEY: 'sk' }),
    () => embeddingPrice({ TRIBUTARY_EMBEDDING_PRICE: 'cheap' }),
    () => embeddingPrice({ TRIBUTARY_EMBEDDING_PRICE: '-1' }),
    () => embeddingPrice({ TRIBUTARY_EMBEDDING_PRICE: '' }),
  ])
    expect(call).toThrow(expect.objectContaining({ code: 'USAGE' }));
  expect([embeddingPrice({}), embeddingPrice({ TRIBUTARY_EMBEDDING_PRICE: '0.02' })]).toEqual([null, 0.02]);
});
