import { env } from '@huggingface/transformers';
import type { LocalChoice } from './device.ts';

/**
 * Lets transformers.js read models of this machine only. Returns what names the model in a folder: its absolute path,
 * which is never taken for a name on the hub. Of those it knows only some: none with `--`, `@` or a blank.
 */
export function onlyLocal(directory: string): string {
  env.allowRemoteModels = false;
  env.allowLocalModels = true;
  return directory;
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
