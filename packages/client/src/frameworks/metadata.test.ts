import { expect, test } from 'vitest';
import { flatMetadata, PROVENANCE } from './metadata.ts';

test('metadata of frameworks becomes flat, without what is empty and what an answer added', () => {
  const metadata = {
    page: 3,
    draft: false,
    tags: ['a', 'b'],
    loc: { lines: { from: 1, to: 4 }, none: null },
    sizes: [7, 8],
    made: new Date(0),
    left: undefined,
    run: () => 1,
    [PROVENANCE]: { signer: 'did:key:z6Mk' },
  };
  expect(flatMetadata(metadata)).toEqual({
    page: 3,
    draft: false,
    tags: ['a', 'b'],
    'loc.lines.from': 1,
    'loc.lines.to': 4,
    'sizes.0': 7,
    'sizes.1': 8,
    made: '1970-01-01T00:00:00.000Z',
  });
});
