import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Collection } from '../installed-collections.ts';

/** True for the data folder of a provider that has never written an index. */
export const isNew = (data: string): boolean => !existsSync(join(data, 'store'));

/**
 * Documents are counted only before the first embedding, to show how long it takes. Later, counting would read
 * everything twice.
 */
export function provideArguments(
  { index, title, description, licence, price, paths, questions }: Collection,
  data: string,
  { modelIdle }: { modelIdle?: string } = {},
): string[] {
  return [
    'provide',
    ...(isNew(data) ? [] : ['--no-plan']),
    ...paths,
    '--index',
    index,
    '--title',
    title,
    '--description',
    description,
    '--licence',
    licence,
    '--price',
    price,
    ...questions.flatMap((question) => ['--question', question]),
    '--data',
    data,
    '--publish',
    ...idle(modelIdle),
  ];
}

const idle = (seconds: string | undefined): string[] => (seconds === undefined ? [] : ['--model-idle', seconds]);

/**
 * A question without an index may go to every provider that was started with the node. The data folder is that of the
 * whole network, so that gateway and API keys stay where earlier versions had them.
 */
export function nodeArguments(
  { port, rerankModel, modelIdle }: { port: string; rerankModel?: string; modelIdle?: string },
  data: string,
  owners: string[],
): string[] {
  const models = rerankModel === undefined ? [] : ['--rerank-model', resolve(rerankModel)];
  return ['node', '--port', port, '--data', data, ...models, ...idle(modelIdle), ...owners.flatMap((did) => ['--allow', did])];
}
