import type { Embedder } from '@tributary/store';

const NAMES: Readonly<Record<Embedder['device']['device'], string>> = {
  cpu: 'the CPU',
  cuda: 'a GPU (CUDA)',
  webgpu: 'a GPU (WebGPU)',
  remote: 'an endpoint',
};

/** Where a model computes, and why there. */
export function describeDevice({ card, device: { device, weights, why } }: Pick<Embedder, 'card' | 'device'>): string {
  return `embedding with ${card.id} (${weights}) on ${NAMES[device]}: ${why}`;
}
