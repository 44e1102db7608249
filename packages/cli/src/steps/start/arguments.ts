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
 * A question without an index may go to every provider that was started along with the gateway. The API keys are those
 * of the whole network, in its own folder, where `tributary key` looks for them.
 */
export function gatewayArguments(port: string, data: string, owners: string[]): string[] {
  return [
    'gateway',
    '--port',
    port,
    '--data',
    join(data, 'gateway'),
    '--api-keys',
    join(data, 'api-keys'),
    ...owners.flatMap((did) => ['--allow', did]),
  ];
}
