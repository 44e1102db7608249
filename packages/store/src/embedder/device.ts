import { readdir } from 'node:fs/promises';
import { platform } from 'node:os';
import { isTributaryError } from '@tributary/schemas';
import { StoreError } from '../errors.ts';
import type { DeviceChoice, DeviceWish, Weights } from '../embedding.ts';

type Gpu = Exclude<LocalChoice['device'], 'cpu'>;

/** On this machine. */
export type LocalChoice = DeviceChoice & { device: Exclude<DeviceChoice['device'], 'remote'>; weights: Weights };

/** Execution providers of onnxruntime for graphics processors, the faster first. */
const GPUS: readonly Gpu[] = ['cuda', 'webgpu'];
/** Weights that a graphics processor computes with, the smaller first; int8 ones would fall back to the processor. */
const GPU_WEIGHTS: readonly Weights[] = ['fp16', 'fp32'];
const CPU_WEIGHTS: readonly Weights[] = ['q8', 'fp32'];
/** Longest reason of an execution provider that is passed on, in characters. */
const REASON_CHARS = 160;

/** Opens the model on one device. */
export type OpenOn<Opened> = (on: Pick<LocalChoice, 'device' | 'weights'>) => Promise<Opened>;

/**
 * Opens a model on the device that is wished. `auto` takes a graphics processor that works, else the processor, and
 * says why; `gpu` never falls back.
 *
 * @param hasGpu whether anything on this machine looks like a graphics processor: providers that find none print errors
 * @throws StoreError DEVICE_UNAVAILABLE, MODEL_NOT_FOUND
 */
export async function openOnDevice<Opened>(
  wish: DeviceWish,
  weights: readonly Weights[],
  open: OpenOn<Opened>,
  hasGpu: () => Promise<boolean> = looksLikeGpu,
): Promise<{ opened: Opened; choice: LocalChoice }> {
  if (wish === 'cpu') return openOnCpu(weights, open, 'the CPU was asked for');
  const attempt = await tryGpus(weights, open, wish === 'gpu' || (await hasGpu()));
  if (typeof attempt !== 'string') return attempt;
  if (wish === 'gpu')
    throw new StoreError('DEVICE_UNAVAILABLE', `no GPU can compute here: ${attempt}. Use --device cpu, or auto`);
  return openOnCpu(weights, open, attempt);
}

async function openOnCpu<Opened>(present: readonly Weights[], open: OpenOn<Opened>, why: string) {
  const weights = CPU_WEIGHTS.find((one) => present.includes(one));
  if (weights === undefined)
    throw new StoreError('MODEL_NOT_FOUND', `the model has ${present.join(', ')} weights only; the CPU needs q8 or fp32`);
  const choice: LocalChoice = { device: 'cpu', weights, why };
  return { opened: await open(choice), choice };
}

/** Why none works, otherwise. */
async function tryGpus<Opened>(
  present: readonly Weights[],
  open: OpenOn<Opened>,
  promising: boolean,
): Promise<{ opened: Opened; choice: LocalChoice } | string> {
  const weights = GPU_WEIGHTS.find((one) => present.includes(one));
  if (weights === undefined) return `the model has ${present.join(', ')} weights only, and a GPU needs fp16 or fp32`;
  if (!promising) return 'this machine shows no GPU';
  const reasons: string[] = [];
  for (const device of GPUS) {
    try {
      const opened = await open({ device, weights });
      return { opened, choice: { device, weights, why: [...reasons, `${device} works`].join('; ') } };
    } catch (error) {
      if (!isTributaryError(error)) throw error;
      reasons.push(`${device}: ${(error.message.split('\n', 1)[0] ?? '').slice(0, REASON_CHARS)}`);
    }
  }
  return reasons.join('; ');
}

/** Device files of NVIDIA's and of Mesa's drivers on Linux; elsewhere every machine has a graphics processor. */
async function looksLikeGpu(): Promise<boolean> {
  if (platform() !== 'linux') return true;
  const names = await Promise.all(['/dev', '/dev/dri'].map((folder) => readdir(folder).catch(() => [])));
  return names.flat().some((name) => name.startsWith('nvidia') || name.startsWith('renderD'));
}
