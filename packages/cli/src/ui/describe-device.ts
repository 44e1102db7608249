import type { Embedder, Reranker } from '@tributary/store';

const NAMES: Readonly<Record<Embedder['device']['device'], string>> = {
  cpu: 'the CPU',
  cuda: 'a GPU (CUDA)',
  webgpu: 'a GPU (WebGPU)',
  remote: 'an endpoint',
};

/** Where a model computes, and why there. */
export function describeDevice(model: Pick<Embedder, 'card' | 'device'> | Pick<Reranker, 'id' | 'device'>): string {
  const { weights, device, why } = model.device;
  const [work, id] = 'id' in model ? ['reranking', model.id] : ['embedding', model.card.id];
  return `${work} with ${id} (${weights}) on ${NAMES[device]}: ${why}`;
}
