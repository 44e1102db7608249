import type { GraphPlace } from '@tributary/store';
import { TributaryError } from '@tributary/schemas';

/**
 * Where `--graph NAME=engine` and `--graph NAME=here` move the graphs of indexes.
 *
 * @throws TributaryError USAGE
 */
export function graphPlaces(options: readonly string[]): Record<string, GraphPlace> {
  const places = new Map<string, GraphPlace>();
  for (const option of options) {
    const [name = '', place, ...rest] = option.split('=');
    if (name === '' || (place !== 'engine' && place !== 'here') || rest.length > 0)
      throw new TributaryError('USAGE', `--graph ${option}: write NAME=engine or NAME=here`);
    if (places.has(name)) throw new TributaryError('USAGE', `--graph names index ${name} twice`);
    places.set(name, place);
  }
  return Object.fromEntries(places);
}
