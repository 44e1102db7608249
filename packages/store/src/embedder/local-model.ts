import { basename, dirname, sep } from 'node:path';
import { env } from '@huggingface/transformers';
import type { LocalChoice } from './device.ts';

/** Lets transformers.js read models beside this folder only. Returns the name by which it knows the model in it. */
export function onlyLocal(directory: string): string {
  env.allowRemoteModels = false;
  env.allowLocalModels = true;
  env.localModelPath = dirname(directory) + sep;
  return basename(directory);
}

/**
 * On the CPU: one thread per session, one session per processor, one text per call. The int8 activations of a call
 * share one scale, so in a batch the result of a text would depend on its neighbours. Batches are no faster either
 * (models/bge-small-en-v1.5/README.md).
 */
export const sessionFor = ({ device, weights }: Pick<LocalChoice, 'device' | 'weights'>) => ({
  device,
  dtype: weights,
  session_options: device === 'cpu' ? { intraOpNumThreads: 1, interOpNumThreads: 1 } : {},
});
