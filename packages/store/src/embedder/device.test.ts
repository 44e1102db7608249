import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import type { Weights } from '../embedding.ts';
import { StoreError } from '../errors.ts';
import { openOnDevice, type OpenOn } from './device.ts';
import { openEmbedder } from './embedder.ts';

const shipped = fileURLToPath(new URL('../../../../models/bge-small-en-v1.5', import.meta.url));

/** Devices of which only these work. */
const only =
  (...working: string[]): OpenOn<string> =>
  async ({ device, weights }) => {
    if (!working.includes(device)) throw new StoreError('MODEL_NOT_FOUND', `no ${device} here\nat onnxruntime`);
    return `${device} ${weights}`;
  };
const yes = async (): Promise<boolean> => true;
const no = async (): Promise<boolean> => false;

test.each<[string, Parameters<typeof openOnDevice<string>>, { opened: string; why: RegExp }]>([
  ['cpu', ['cpu', ['q8', 'fp32'], only('cpu', 'cuda'), yes], { opened: 'cpu q8', why: /asked for/ }],
  [
    'cuda first',
    ['auto', ['q8', 'fp32', 'fp16'], only('cpu', 'cuda', 'webgpu'), yes],
    { opened: 'cuda fp16', why: /^cuda works$/ },
  ],
  ['webgpu next', ['auto', ['fp32'], only('cpu', 'webgpu'), yes], { opened: 'webgpu fp32', why: /no cuda here; webgpu works/ }],
  [
    'the CPU, where none works',
    ['auto', ['fp32'], only('cpu'), yes],
    { opened: 'cpu fp32', why: /no cuda here; webgpu: no webgpu here/ },
  ],
  ['the CPU, where none is seen', ['auto', ['fp32'], only('cpu', 'cuda'), no], { opened: 'cpu fp32', why: /shows no GPU/ }],
  ['the CPU, for int8 weights', ['auto', ['q8'], only('cpu', 'cuda'), yes], { opened: 'cpu q8', why: /needs fp16 or fp32/ }],
  ['a GPU that nobody saw', ['gpu', ['fp32'], only('cpu', 'webgpu'), no], { opened: 'webgpu fp32', why: /webgpu works/ }],
])('%s', async (_name, asked, { opened, why }) => {
  const made = await openOnDevice(...asked);
  expect(made.opened).toBe(opened);
  expect(made.choice).toMatchObject({
    device: opened.split(' ')[0],
    weights: opened.split(' ')[1],
    why: expect.stringMatching(why),
  });
});

test('a GPU that is asked for and not there is an error, never the CPU', async () => {
  for (const weights of [['fp32'], ['q8']] as Weights[][])
    await expect(openOnDevice('gpu', weights, only('cpu'), yes)).rejects.toMatchObject({ code: 'DEVICE_UNAVAILABLE' });
});

test('the shipped model runs on the CPU, and says so', async () => {
  const embedder = await openEmbedder({ modelDirectory: shipped, workers: 1, device: 'auto' });
  onTestFinished(() => embedder.close());
  expect(embedder.device).toMatchObject({ device: 'cpu', weights: 'q8' });
  await expect(openEmbedder({ modelDirectory: shipped, device: 'gpu' })).rejects.toMatchObject({ code: 'DEVICE_UNAVAILABLE' });
});

test('onnxruntime itself is asked for its devices', async () => {
  // The shipped weights under the name of others: what is tried here is what each execution provider says.
  const folder = await mkdtemp(join(tmpdir(), 'tributary-model-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await mkdir(join(folder, 'onnx'));
  for (const name of ['config.json', 'tokenizer.json', 'tokenizer_config.json'])
    await copyFile(join(shipped, name), join(folder, name));
  await copyFile(join(shipped, 'onnx', 'model_quantized.onnx'), join(folder, 'onnx', 'model.onnx'));
  const card = (await readFile(join(shipped, 'card.json'), 'utf8')).replace('onnx/model_quantized.onnx', 'onnx/model.onnx');
  await writeFile(join(folder, 'card.json'), card);
  const opened = await openEmbedder({ modelDirectory: folder, workers: 1, device: 'gpu' }).then(
    (embedder) => embedder,
    (error: unknown) => error,
  );
  if (opened instanceof Error) {
    expect(opened).toMatchObject({ code: 'DEVICE_UNAVAILABLE', message: expect.stringMatching(/cuda: .*webgpu: /) });
    return;
  }
  // A machine with a GPU: its vectors are those of the CPU, within what the weights allow.
  const gpu = opened as Awaited<ReturnType<typeof openEmbedder>>;
  const cpu = await openEmbedder({ modelDirectory: folder, workers: 1, device: 'cpu' });
  const texts = ['Salmon climb the river in autumn.', 'Jupiter has many moons.'];
  const [here, there] = await Promise.all([gpu.embed(texts, 'document'), cpu.embed(texts, 'document')]);
  await Promise.all([gpu.close(), cpu.close()]);
  for (const [at, vector] of here.entries())
    expect(vector.reduce((sum, value, place) => sum + value * there[at]![place]!, 0)).toBeGreaterThan(0.99);
});
