import { TributaryError } from '@tributary/schemas';
import { z } from 'zod';
import { indexShape, listOf, type ListedIndex } from './list-indexes.ts';
import { tool } from './tool.ts';

export const describeIndex = tool({
  name: 'describe_index',
  title: 'Describe an index',
  description: 'Describes one index by its name or its id (name@fingerprint).',
  input: z.object({ index: z.string().min(1).max(128) }),
  output: indexShape,
  annotations: { readOnlyHint: true, openWorldHint: false },
  async run({ index }, { toolkit }) {
    return theOne(index, listOf(await toolkit.library.indexes()));
  },
});

/** @throws TributaryError INDEX_NOT_OFFERED, INDEX_AMBIGUOUS */
function theOne(index: string, listed: ListedIndex[]): ListedIndex {
  const named = listed.filter(({ id, name }) => id === index || name === index);
  const chosen = named.find(({ own }) => own) ?? named[0];
  if (chosen === undefined)
    throw new TributaryError('INDEX_NOT_OFFERED', `there is no index '${index}'; list_indexes names those that there are`);
  if (named.length > 1 && !chosen.own)
    throw new TributaryError('INDEX_AMBIGUOUS', `name one of ${named.map(({ id }) => id).join(', ')}`);
  return chosen;
}
