import { metric as metricShape, TributaryError, vectorKinds, type OwnIndex } from '@tributary/schemas';
import { wholeNumber } from '../arguments.ts';
import { openOwnNode, type OwnNodeOptions } from '../steps/own-node.ts';
import { confirm } from '../ui/confirm.ts';
import { describeVectors } from '../ui/describe-vectors.ts';
import type { Output } from '../ui/output.ts';

export interface CreateOptions extends OwnNodeOptions {
  dimension?: string;
  model?: string;
  metric?: string;
  vectors?: string;
  title?: string;
  json?: boolean;
}

/** `tributary index create NAME`: creates a private index on a node. */
export async function createIndexCommand(name: string, options: CreateOptions, output: Output, signal: AbortSignal) {
  const { dimension, model, metric, vectors, title } = options;
  const parsed = metricShape.optional().safeParse(metric);
  if (!parsed.success) throw new TributaryError('USAGE', `--metric is cosine, dotproduct or euclidean, not '${metric}'`);
  const kinds = vectorKinds.optional().safeParse(vectors);
  if (!kinds.success) throw new TributaryError('USAGE', `--vectors is dense, sparse or both, not '${vectors}'`);
  const body = {
    name,
    ...(dimension === undefined ? {} : { dimension: wholeNumber('--dimension', dimension, { min: 1 }) }),
    ...(model === undefined ? {} : { model }),
    ...(parsed.data === undefined ? {} : { metric: parsed.data }),
    ...(kinds.data === undefined ? {} : { vectors: kinds.data }),
    ...(title === undefined ? {} : { title }),
  };
  show(await (await openOwnNode(options)).createIndex(body, signal), options, output);
  return 0;
}

/** `tributary index list`: the indexes of a node's own store. */
export async function listIndexesCommand(options: OwnNodeOptions & { json?: boolean }, output: Output, signal: AbortSignal) {
  const indexes = await (await openOwnNode(options)).ownIndexes(signal);
  if (options.json) output.json(indexes);
  else if (indexes.length === 0) output.line('The node has no index of its own yet.');
  else for (const index of indexes) show(index, options, output);
  return 0;
}

/** `tributary index delete NAME`: asks for confirmation, then deletes the index for good. */
export async function deleteIndexCommand(
  name: string,
  options: OwnNodeOptions & { yes?: boolean },
  output: Output,
  signal: AbortSignal,
) {
  const node = await openOwnNode(options);
  if (!options.yes && !(await confirm(`Delete index ${name} with all its records, for good?`)))
    throw new TributaryError('CANCELLED', 'nothing was deleted');
  output.line(`${await node.deleteIndex(name, signal)} is gone`);
  return 0;
}

function show(index: OwnIndex, { json }: { json?: boolean }, output: Output): void {
  if (json) return output.json(index);
  const { id, records, metric, model, visibility } = index;
  output.line(`${id}: ${visibility}, ${records} records, ${describeVectors(index)}, ${metric}, ${model ?? 'vectors of yours'}`);
}
