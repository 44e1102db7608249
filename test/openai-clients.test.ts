// Unmodified clients of OpenAI against a real node process.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import OpenAi6 from 'openai-6';
import OpenAi7 from 'openai-7';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openWorkplace, type Running, type Workplace } from './_processes.ts';

const MODEL = 'BAAI/bge-small-en-v1.5';
const TEXTS = ['White storks nest on chimneys.', 'The spring flood begins in April.', 'naïve café 🌊'];

let place: Workplace;
let folder: string;
let node: Running;
let url: string;
async function startNode(): Promise<void> {
  node = place.start(['node', '--data', join(folder, 'node'), '--port', '0']);
  url = (await node.says(/node at (http:\S+)/))[1]!;
}
beforeAll(async () => {
  place = await openWorkplace();
  folder = await mkdtemp(join(tmpdir(), 'tributary-openai-'));
  await startNode();
}, 120_000);
afterAll(async () => {
  await place.close();
  await rm(folder, { recursive: true, force: true });
});

// The versions differ in their types, not in the calls used here.
const CLIENTS: [version: string, Client: typeof OpenAi7][] = [
  ['6', OpenAi6 as unknown as typeof OpenAi7],
  ['7', OpenAi7],
];

describe.each(CLIENTS)('openai %s', (_, OpenAi) => {
  const open = (options: object = {}) => new OpenAi({ baseURL: `${url}/v1`, apiKey: 'none', ...options });

  it('embeds texts, in base64 as it asks by itself and as numbers', async () => {
    const openai = open();
    const { data, model, usage } = await openai.embeddings.create({ model: MODEL, input: TEXTS });
    expect([model, data.map(({ index }) => index)]).toEqual([MODEL, [0, 1, 2]]);
    expect(data.map(({ embedding }) => embedding.length)).toEqual([384, 384, 384]);
    const numbers = await openai.embeddings.create({ model: MODEL, input: TEXTS, encoding_format: 'float' });
    expect(numbers.data.map(({ embedding }) => embedding.map(Math.fround))).toEqual(data.map(({ embedding }) => embedding));
    const [one] = (await openai.embeddings.create({ model: MODEL, input: TEXTS[0]!, dimensions: 384 })).data;
    expect(one!.embedding).toEqual(data[0]!.embedding);
    expect(Math.hypot(...one!.embedding)).toBeCloseTo(1, 5);
    expect(usage).toEqual(numbers.usage);
    expect(usage.prompt_tokens).toBe(usage.total_tokens);
    expect(usage.total_tokens).toBeGreaterThan(TEXTS.length * 3);
  });

  it('lists and finds the model', async () => {
    const openai = open();
    const models = [];
    for await (const model of openai.models.list()) models.push(model);
    expect(models).toEqual([{ id: MODEL, object: 'model', owned_by: 'BAAI', created: expect.any(Number) }]);
    expect(await openai.models.retrieve(MODEL)).toEqual(models[0]);
  });

  it('hears what was wrong, without trying again', async () => {
    const openai = open();
    const refusal = (input: unknown, more: object = {}) =>
      openai.embeddings.create({ model: MODEL, input: input as string, ...more }).then(
        () => null,
        (error: InstanceType<typeof OpenAi.APIError>) => [error.status, error.code, error.param],
      );
    expect(await refusal('a', { model: 'text-embedding-3-small' })).toEqual([404, 'model_not_found', 'model']);
    expect(await refusal('a', { dimensions: 100 })).toEqual([400, 'INPUT_SHAPE', 'dimensions']);
    for (const input of [[1, 2], [[1, 2]], '', ['a', ''], [], [null], Array(2_049).fill('a'), 'a'.repeat(65_537)])
      expect(await refusal(input), JSON.stringify(input).slice(0, 20)).toEqual([400, 'INPUT_SHAPE', 'input']);
    expect(await refusal(Array(65).fill('a'.repeat(65_000)))).toEqual([400, 'INPUT_SHAPE', 'input']);
    expect(await refusal('river '.repeat(600))).toEqual([400, 'context_length_exceeded', 'input']);
    expect(await refusal('a', { encoding_format: 'hex' })).toEqual([400, 'INPUT_SHAPE', 'encoding_format']);
    expect(await refusal('a', { surprise: 1 })).toEqual([400, 'INPUT_SHAPE', 'surprise']);
    await expect(openai.models.retrieve('gpt-9')).rejects.toMatchObject({ status: 404, code: 'model_not_found' });
    const chat = openai.chat.completions.create({ model: 'gpt-9', messages: [{ role: 'user', content: 'hello' }] });
    await expect(chat).rejects.toMatchObject({ status: 404, code: 'unknown_url', type: 'invalid_request_error' });
  });

  it('keeps files', async () => {
    const openai = open();
    const text = '# Storks\n\nWhite storks nest on chimneys.';
    const file = await openai.files.create({ file: new File([text], 'storks.md'), purpose: 'assistants' });
    expect(file).toMatchObject({ object: 'file', filename: 'storks.md', bytes: text.length, status: 'processed' });
    expect(await openai.files.waitForProcessing(file.id)).toEqual(file);
    expect(await (await openai.files.content(file.id)).text()).toBe(text);
    const ids = [];
    for await (const { id } of openai.files.list({ purpose: 'assistants' })) ids.push(id);
    expect(ids).toEqual([file.id]);
    expect(await openai.files.delete(file.id)).toEqual({ id: file.id, object: 'file', deleted: true });
    await expect(openai.files.retrieve(file.id)).rejects.toMatchObject({ status: 404, code: 'FILE_NOT_FOUND' });
    const refused = openai.files.create({ file: new File([text], 'storks.md'), purpose: 'x' as 'assistants' });
    await expect(refused).rejects.toMatchObject({ status: 400, param: 'purpose' });
  });

  it('fills, searches and empties a vector store', async () => {
    const openai = open();
    const { vectorStores } = openai;
    const store = await vectorStores.create({ name: 'Birds', metadata: { team: 'delta' } });
    expect(await vectorStores.retrieve(store.id)).toMatchObject({
      name: 'Birds',
      status: 'completed',
      metadata: { team: 'delta' },
    });
    const stork = await vectorStores.files.uploadAndPoll(store.id, new File([`# Storks\n\n${TEXTS[0]}`], 'storks.md'));
    expect(stork).toMatchObject({ status: 'completed', vector_store_id: store.id, last_error: null });
    const batch = await vectorStores.fileBatches.uploadAndPoll(store.id, {
      files: TEXTS.slice(1).map((text, at) => new File([text], `text-${at}.txt`)),
    });
    expect(batch).toMatchObject({ status: 'completed', file_counts: { completed: 2, failed: 0, total: 2 } });
    const inBatch = [];
    for await (const file of vectorStores.fileBatches.listFiles(batch.id, { vector_store_id: store.id })) inBatch.push(file.id);
    expect(inBatch).toHaveLength(2);
    const listed = [];
    for await (const { id } of vectorStores.files.list(store.id, { limit: 1, order: 'asc' })) listed.push(id);
    expect(listed.toSorted()).toEqual([stork.id, ...inBatch].toSorted());
    await vectorStores.files.update(stork.id, { vector_store_id: store.id, attributes: { kind: 'bird', year: 2026 } });
    const found = [];
    for await (const result of vectorStores.search(store.id, {
      query: 'where do storks nest',
      filters: {
        type: 'and',
        filters: [
          { type: 'eq', key: 'kind', value: 'bird' },
          { type: 'gte', key: 'year', value: 2000 },
        ],
      },
      ranking_options: { ranker: 'auto', score_threshold: 0.1 },
      max_num_results: 5,
    }))
      found.push(result);
    expect(found).toEqual([
      {
        file_id: stork.id,
        filename: 'storks.md',
        score: expect.any(Number),
        attributes: { kind: 'bird', year: 2026 },
        content: [{ type: 'text', text: expect.stringContaining(TEXTS[0]!) }],
      },
    ]);
    const content = [];
    for await (const part of vectorStores.files.content(stork.id, { vector_store_id: store.id })) content.push(part.text);
    expect(content.join('\n')).toContain(TEXTS[0]);
    const picture = await vectorStores.files.uploadAndPoll(store.id, new File(['x'], 'a.png'));
    expect(picture).toMatchObject({ status: 'failed', last_error: { code: 'unsupported_file' } });
    await vectorStores.files.delete(stork.id, { vector_store_id: store.id });
    const { data } = await vectorStores.search(store.id, { query: ['where do storks nest', 'spring flood'] });
    expect(data.map(({ file_id: id }) => id)).not.toContain(stork.id);
    expect((await vectorStores.update(store.id, { name: 'Texts' })).name).toBe('Texts');
    const stores = [];
    for await (const { id } of vectorStores.list()) stores.push(id);
    expect(stores).toEqual([store.id]);
    expect(await vectorStores.delete(store.id)).toEqual({ id: store.id, object: 'vector_store.deleted', deleted: true });
    await expect(vectorStores.retrieve(store.id)).rejects.toMatchObject({ status: 404 });
    for await (const { id } of openai.files.list()) await openai.files.delete(id);
  });
});

it('what was acknowledged survives kill -9, and a file that was being processed is taken in after it', async () => {
  const before = new OpenAi7({ baseURL: `${url}/v1`, apiKey: 'none' });
  const store = await before.vectorStores.create({ name: 'kept' });
  const file = await before.files.create({ file: new File([TEXTS[0]!], 'storks.md'), purpose: 'assistants' });
  await before.vectorStores.files.create(store.id, { file_id: file.id, attributes: { kind: 'bird' } });
  await node.kill('SIGKILL');
  await startNode();
  const { files, vectorStores } = new OpenAi7({ baseURL: `${url}/v1`, apiKey: 'none' });
  expect(await (await files.content(file.id)).text()).toBe(TEXTS[0]);
  expect(await vectorStores.files.poll(store.id, file.id)).toMatchObject({ status: 'completed', attributes: { kind: 'bird' } });
  const { data } = await vectorStores.search(store.id, { query: 'where do storks nest' });
  expect(data).toMatchObject([{ file_id: file.id, filename: 'storks.md', content: [{ text: TEXTS[0] }] }]);
}, 180_000);
