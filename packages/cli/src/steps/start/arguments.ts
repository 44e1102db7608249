import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Collection } from '../installed-collections.ts';

/** True for the data folder of a provider that has never written an index. */
export const isNew = (data: string): boolean => !existsSync(join(data, 'store'));

/** Counting first shows how long the first embedding takes; later it would only read everything twice. */
export function provideArguments({ index, title, licence, price, paths }: Collection, data: string): string[] {
  return [
    'provide',
    ...(isNew(data) ? [] : ['--no-plan']),
    ...paths,
    '--index',
    index,
    '--title',
    title,
    '--licence',
    licence,
    '--price',
    price,
    '--data',
    data,
    '--publish',
  ];
}

/**
 * A question without an index may go to every provider that was started along with the node. The node has the folder of
 * the whole network: its gateway and the API keys are where they were before nodes had indexes of their own.
 */
export function nodeArguments(port: string, data: string, owners: string[]): string[] {
  return ['node', '--port', port, '--data', data, ...owners.flatMap((did) => ['--allow', did])];
}
