import type { ListFileEntry } from '@huggingface/hub';
import { TributaryError } from '@tributary/schemas';
import type { DeviceWish } from '@tributary/store';

/** A file of a repository, as its tree states it. */
export interface HubFile {
  path: string;
  bytes: number;
  /** SHA-256 of a file in large storage, otherwise the git hash of its blob; hex. */
  hash: string;
  kind: 'sha256' | 'git';
}

/** What a model needs besides weights (docs/guides/provider.md). Any may be missing. */
const SMALL = [
  'card.json',
  'config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'modules.json',
  'sentence_bert_config.json',
  'config_sentence_transformers.json',
  '1_Pooling/config.json',
];
/** Weights in the order of preference. A GPU computes with 16 or 32 bits, a CPU is fastest with 8. */
const WEIGHTS: Readonly<Record<'cpu' | 'gpu', readonly string[]>> = {
  cpu: ['onnx/model_quantized.onnx', 'onnx/model.onnx', 'onnx/model_fp16.onnx'],
  gpu: ['onnx/model_fp16.onnx', 'onnx/model.onnx'],
};

/**
 * The files of a repository that a node needs: the small ones, and the weights of one kind with what belongs to them.
 *
 * @throws TributaryError MODEL_NOT_FOUND
 */
export function chooseFiles(entries: readonly ListFileEntry[], device: DeviceWish, name: string): HubFile[] {
  const there = new Map(entries.filter(({ type }) => type === 'file').map((entry) => [entry.path, entry]));
  const wanted = WEIGHTS[device === 'gpu' ? 'gpu' : 'cpu'];
  const weights = wanted.find((path) => there.has(path));
  if (weights === undefined)
    throw new TributaryError(
      'MODEL_NOT_FOUND',
      `${name} has no weights that run here: none of ${wanted.join(', ')}; choose a repository with ONNX weights`,
    );
  return [...SMALL, weights, `${weights}_data`].flatMap((path) => {
    const entry = there.get(path);
    return entry === undefined ? [] : [toFile(entry, name)];
  });
}

function toFile({ path, size, oid, lfs }: ListFileEntry, name: string): HubFile {
  if (lfs !== undefined) return { path, bytes: lfs.size, hash: lfs.oid, kind: 'sha256' };
  if (oid !== undefined) return { path, bytes: size, hash: oid, kind: 'git' };
  throw new TributaryError('MODEL_NOT_FOUND', `the hub states no hash of ${path} in ${name}`);
}
