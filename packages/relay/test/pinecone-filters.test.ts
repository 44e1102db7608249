// Random filters through Pinecone's query route, against a test of every record that knows nothing of the node's code.
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openPineconeGateway, type PineconeGateway } from './support/pinecone.ts';

const FILTERS = 1_000;
type Value = string | number | boolean | string[];
type Fields = Record<string, Value>;
type Filter = Record<string, unknown>;

const word = fc.constantFrom('', 'drama', 'comedy', '1', 'true', 'x');
const number = fc.constantFrom(0, 1, 1.5, -3, 2_001, 1e300);
const scalar = fc.oneof(word, number, fc.boolean());
const key = fc.constantFrom('genre', 'year', 'tags', 'constructor', 'a.b');
const fields: fc.Arbitrary<Fields> = fc.dictionary(key, fc.oneof(scalar, fc.array(word, { maxLength: 3 })), { maxKeys: 4 });

const condition = fc.oneof(
  fc.tuple(fc.constantFrom('$eq', '$ne'), scalar),
  fc.tuple(fc.constantFrom('$gt', '$gte', '$lt', '$lte'), number),
  fc.tuple(fc.constantFrom('$in', '$nin'), fc.array(scalar, { maxLength: 3 })),
  fc.tuple(fc.constant('$exists'), fc.boolean()),
);
const { filter } = fc.letrec<{ filter: Filter }>((tie) => ({
  filter: fc.oneof(
    { depthSize: 'small' },
    fc.tuple(key, scalar).map(([name, operand]) => ({ [name]: operand })),
    fc
      .tuple(key, fc.array(condition, { minLength: 1, maxLength: 2 }))
      .map(([name, list]) => ({ [name]: Object.fromEntries(list) as unknown })),
    fc
      .tuple(fc.constantFrom('$and', '$or'), fc.array(tie('filter'), { minLength: 1, maxLength: 3 }))
      .map(([operator, parts]) => ({ [operator]: parts })),
  ),
}));

/** Pinecone's language as its reference states it, one record at a time. */
function passes(record: Fields, node: Filter): boolean {
  return Object.entries(node).every(([name, part]) => {
    if (name === '$and') return (part as Filter[]).every((one) => passes(record, one));
    if (name === '$or') return (part as Filter[]).some((one) => passes(record, one));
    const has = Object.hasOwn(record, name);
    const value = record[name]!;
    const holds = (wanted: unknown) => has && (Array.isArray(value) ? value.includes(wanted as string) : value === wanted);
    const compares = (test: (value: number) => boolean) => has && typeof value === 'number' && test(value);
    if (typeof part !== 'object') return holds(part);
    return Object.entries(part as Record<string, unknown>).every(([operator, operand]) => {
      const bound = operand as number;
      switch (operator) {
        case '$eq':
          return holds(operand);
        case '$ne':
          return !holds(operand);
        case '$in':
          return (operand as unknown[]).some(holds);
        case '$nin':
          return !(operand as unknown[]).some(holds);
        case '$gt':
          return compares((one) => one > bound);
        case '$gte':
          return compares((one) => one >= bound);
        case '$lt':
          return compares((one) => one < bound);
        case '$lte':
          return compares((one) => one <= bound);
        default:
          return has === operand;
      }
    });
  });
}

const records = fc.sample(fields, { numRuns: 300, seed: 7 });
let place: PineconeGateway;
beforeAll(async () => {
  place = await openPineconeGateway();
  await place.store.createIndex({ name: 'filters', dimension: 2, metric: 'dotproduct', model: null });
  const vectors = records.map((metadata, at) => ({ id: `${at}`, values: [1, at], metadata }));
  expect(await place.call('POST /i/filters/vectors/upsert', { vectors })).toMatchObject({ status: 200 });
});
afterAll(() => place.gateway.close());

it(`${FILTERS} random filters find what a test of every record finds`, async () => {
  const differences: unknown[] = [];
  let found = 0;
  for (const one of fc.sample(filter, { numRuns: FILTERS, seed: 11 })) {
    const asked = { topK: 10_000, vector: [1, 0], filter: one };
    const { body } = await place.call('POST /i/filters/query', asked);
    const ids = (body!['matches'] as { id: string }[]).map(({ id }) => Number(id)).toSorted((a, b) => a - b);
    const wanted = records.flatMap((record, at) => (passes(record, one) ? [at] : []));
    found += wanted.length > 0 && wanted.length < records.length ? 1 : 0;
    if (JSON.stringify(ids) !== JSON.stringify(wanted)) differences.push(one);
  }
  expect(differences).toEqual([]);
  // Most of them tell records apart.
  expect(found).toBeGreaterThan(FILTERS / 2);
}, 120_000);
