// Bodies and paths that no client sends: each is answered in the shape of OpenAI, and none with 5xx.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formOf, openOpenAiGateway } from './support/openai.ts';

const runs = Number(process.env['TRIBUTARY_FUZZ_RUNS'] ?? 500);

const VALID: [name: string, json: object | null][] = [
  ['POST /v1/embeddings', { model: 'test/model', input: ['a', 'b'], dimensions: 2, encoding_format: 'base64', user: 'u' }],
  ['GET /v1/models/ID', null],
  ['GET /v1/files?limit=1&order=asc&after=FILE&purpose=vision', null],
  ['GET /v1/files/FILE', null],
  ['POST /v1/files', { purpose: 'assistants' }],
  ['GET /v1/vector_stores?limit=1&before=STORE', null],
  ['POST /v1/vector_stores/STORE', { name: 'n', metadata: { a: 'b' }, expires_after: null }],
  [
    'POST /v1/vector_stores/STORE/search',
    {
      query: ['storks', 'flood'],
      max_num_results: 3,
      filters: {
        type: 'or',
        filters: [
          { type: 'in', key: 'a', value: ['b', 1] },
          { type: 'eq', key: 'c', value: true },
        ],
      },
      ranking_options: { ranker: 'auto', score_threshold: 0.1, hybrid_search: { embedding_weight: 1, text_weight: 2 } },
      rewrite_query: true,
    },
  ],
  [
    'POST /v1/vector_stores/STORE/files',
    {
      file_id: 'FILE',
      attributes: { a: 'b', c: 1, d: true },
      chunking_strategy: { type: 'static', static: { max_chunk_size_tokens: 100, chunk_overlap_tokens: 10 } },
    },
  ],
  ['GET /v1/vector_stores/STORE/files?filter=completed&limit=2', null],
  ['POST /v1/vector_stores/STORE/files/FILE', { attributes: { a: 1 } }],
  ['GET /v1/vector_stores/STORE/files/FILE/content', null],
  ['POST /v1/vector_stores/STORE/file_batches', { files: [{ file_id: 'FILE', attributes: { a: 'b' } }] }],
  ['GET /v1/vector_stores/STORE/file_batches/ID/files', null],
  ['POST /v1/vector_stores/STORE/file_batches/ID/cancel', {}],
];

const odd = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom('', '\0', '\ud800', '__proto__', '$eq', '../x', 'x'.repeat(70_000), -0, 1e308, 2 ** 53, null, [], {}),
);

/** The value with one part replaced or a member added. */
function changed(value: unknown, steps: readonly number[], replacement: unknown): unknown {
  const [step = 0, ...rest] = steps;
  if (rest.length === 0 || typeof value !== 'object' || value === null) return replacement;
  const copy = Array.isArray(value) ? [...(value as unknown[])] : { ...value };
  const keys = [...Object.keys(copy), 'added'];
  const key = keys[step % keys.length]!;
  Reflect.set(copy, key, changed(Reflect.get(copy, key), rest, replacement));
  return copy;
}

test('arbitrary requests are answered in the shape of OpenAI, and none with 5xx', async () => {
  const { call, gateway } = await openOpenAiGateway();
  const store = (await call('POST /v1/vector_stores', { json: {} })).body.id;
  const file = (await call('POST /v1/files', { form: formOf('White storks nest on chimneys.') })).body.id;
  const fill = (text: string): string => text.replaceAll('STORE', store).replaceAll('FILE', file);
  const statuses = new Set<number>();
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...VALID),
      fc.array(fc.nat(9), { minLength: 1, maxLength: 5 }),
      odd,
      fc.option(fc.string({ maxLength: 20, unit: 'binary' }), { freq: 6 }),
      async ([name, json], steps, replacement, part) => {
        const [method = '', path = ''] = name.split(' ');
        const place = part === null ? fill(path) : path.replace(/STORE|FILE|ID|\d+$/, encodeURIComponent(part.toWellFormed()));
        const payload = json === null ? null : fill(JSON.stringify(changed(json, steps, replacement)) ?? '');
        const reply = await gateway.app.inject({
          method: method as 'GET' | 'POST',
          url: place,
          headers: {
            host: 'localhost',
            'x-stainless-lang': 'js',
            ...(payload === null ? {} : { 'content-type': 'application/json' }),
          },
          ...(payload === null ? {} : { payload }),
        });
        statuses.add(reply.statusCode);
        expect([reply.statusCode < 500, reply.body.slice(0, 300)]).toEqual([true, reply.body.slice(0, 300)]);
        if (reply.statusCode >= 400)
          expect(reply.json()).toEqual({
            error: {
              message: expect.any(String),
              type: expect.any(String),
              param: expect.toBeOneOf([null, expect.any(String)]),
              code: expect.any(String),
            },
          });
      },
    ),
    { numRuns: runs },
  );
  expect([...statuses]).toEqual(expect.arrayContaining([200, 400, 404]));
  expect((await call(`GET /v1/vector_stores/${store}`)).status).toBe(200);
}, 600_000);
