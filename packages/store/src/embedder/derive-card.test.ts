import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { deriveCard } from './derive-card.ts';
import { openEmbedder } from './embedder.ts';

const shipped = fileURLToPath(new URL('../../../../models/bge-small-en-v1.5', import.meta.url));
const SHIPPED_FILES = ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'onnx/model_quantized.onnx'];
/** As the repository of the shipped model has them. */
const SAYS: Record<string, object> = {
  '1_Pooling/config.json': { word_embedding_dimension: 384, pooling_mode_cls_token: true, pooling_mode_mean_tokens: false },
  'modules.json': [
    { idx: 0, name: '0', path: '', type: 'sentence_transformers.models.Transformer' },
    { idx: 1, name: '1', path: '1_Pooling', type: 'sentence_transformers.models.Pooling' },
    { idx: 2, name: '2', path: '2_Normalize', type: 'sentence_transformers.models.Normalize' },
  ],
  'sentence_bert_config.json': { max_seq_length: 512, do_lower_case: true },
};

/** The shipped model as it comes from the hub: without a card. */
async function folderWith(says: Record<string, object>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-hub-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const name of ['onnx', '1_Pooling']) await mkdir(join(folder, name));
  for (const name of SHIPPED_FILES) await copyFile(join(shipped, name), join(folder, name));
  for (const [name, value] of Object.entries(says)) await writeFile(join(folder, name), JSON.stringify(value));
  return folder;
}

test('a folder of the hub makes the card that was written by hand for it', async () => {
  const folder = await folderWith(SAYS);
  const written = JSON.parse(await readFile(join(shipped, 'card.json'), 'utf8')) as Record<string, unknown>;
  const { files, dimension, maxTokens, pooling, normalize } = written;
  const sorted = (list: unknown) => (list as { path: string }[]).toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const card = await deriveCard(folder);
  expect(card).toMatchObject({ dimension, maxTokens, pooling, normalize, prefixQuery: '', prefixDocument: '' });
  expect(sorted(card['files'])).toEqual(sorted(files));
  expect(card).toEqual(await deriveCard(await folderWith(SAYS)));
});

test('it embeds as the same model with a card does', async () => {
  const prompts = { prompts: { query: 'Represent this sentence for searching relevant passages: ' } };
  const [hub, own] = await Promise.all([
    openEmbedder({ modelDirectory: await folderWith({ ...SAYS, 'config_sentence_transformers.json': prompts }), workers: 1 }),
    openEmbedder({ modelDirectory: shipped, workers: 1 }),
  ]);
  onTestFinished(async () => void (await Promise.all([hub.close(), own.close()])));
  for (const kind of ['document', 'query'] as const)
    expect(await hub.embed(['Salmon climb the river.'], kind)).toEqual(await own.embed(['Salmon climb the river.'], kind));
  expect(hub.digest).not.toBe(own.digest);
});

test.each<[string, Record<string, object>, RegExp]>([
  ['how it pools', { ...SAYS, '1_Pooling/config.json': { pooling_mode_max_tokens: true } }, /how the model pools/],
  ['nothing of pooling', { 'modules.json': SAYS['modules.json']! }, /how the model pools/],
  ['no dimension', { ...SAYS, 'config.json': { model_type: 'bert' } }, /config\.json/],
])('a folder that does not say %s is refused', async (_, says, message) => {
  const refused = { code: 'MODEL_NOT_FOUND', message: expect.stringMatching(message) };
  await expect(openEmbedder({ modelDirectory: await folderWith(says) })).rejects.toMatchObject(refused);
});

test('so is one without weights, or without anything', async () => {
  const folder = await folderWith(SAYS);
  await rm(join(folder, 'onnx', 'model_quantized.onnx'));
  await expect(openEmbedder({ modelDirectory: folder })).rejects.toMatchObject({
    code: 'MODEL_NOT_FOUND',
    message: expect.stringMatching(/weights/),
  });
  await rm(folder, { recursive: true });
  await expect(openEmbedder({ modelDirectory: folder })).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' });
});
