import { expect, test } from 'vitest';
import type { KnownEmbeddingOffer } from '@tributary/client';
import { anybody } from '../../api-keys/caller.ts';
import type { BuyWhen, EmbeddingMarket } from '../../gateway/embeddings/market.ts';
import { embeddingsBusyTexts } from '../limits.ts';
import { getEmbeddings } from './get-embeddings.ts';

const OWN = 'own/model';
const call = { signal: new AbortController().signal, onDelivery: () => undefined };
const asked = (model: string, texts = ['a']) => ({ texts, model, dimensions: undefined, format: 'float' as const });

/** Vectors by the own model are [1], bought ones [2]. The own model answers when it is let go. */
function sources(when: BuyWhen | null, onSale: string[]) {
  const waiting: (() => void)[] = [];
  const own = {
    card: { id: OWN },
    dimension: 1,
    async embedCounted(texts: readonly string[]) {
      await new Promise<void>((resolve) => waiting.push(resolve));
      return { vectors: texts.map(() => Float32Array.of(1)), tokens: 1 };
    },
  };
  const market: EmbeddingMarket = {
    when: when ?? 'missing',
    offers: (model) =>
      onSale
        .filter((id) => model === undefined || id === model)
        .map((id) => ({ offer: { model: { id, dimension: 1 } } }) as KnownEmbeddingOffer),
    buy: async (_, texts) => ({
      vectors: texts.map(() => Float32Array.of(2)),
      tokens: 1,
      model: { id: '', digest: '', dimension: 1 },
      provider: '',
      usage: { charge: '1', unit: 'credit' },
      answers: [
        { receipt: 'r', charge: '1', texts: 1, cosine: null, bundle: () => expect.unreachable('nobody asked for a proof') },
      ],
      pinned: false,
      unpinned: [],
      notProven: [],
    }),
  };
  const get = getEmbeddings({ own, market: when === null ? null : market });
  return { get, letGo: () => waiting.splice(0).forEach((resolve) => resolve()) };
}

/** Who made the vector. */
async function source(when: BuyWhen | null, model: string, onSale: string[]): Promise<string> {
  const { get, letGo } = sources(when, onSale);
  const answer = get(asked(model), anybody, call);
  letGo();
  return answer.then(
    ({ vectors, receipts }) => ((vectors[0] as number[])[0] === 2 && receipts?.[0] === 'r' ? 'bought' : 'own'),
    (error: { code: string }) => error.code,
  );
}

test('a gateway buys only when it is told to, and only what is on sale', async () => {
  const found = async (when: BuyWhen | null) => [
    await source(when, 'other/model', ['other/model']),
    await source(when, OWN, [OWN]),
    await source(when, OWN, []),
  ];
  expect(await found(null)).toEqual(['MODEL_NOT_FOUND', 'own', 'own']);
  expect(await found('missing')).toEqual(['bought', 'own', 'own']);
  expect(await found('busy')).toEqual(['bought', 'own', 'own']);
  expect(await found('always')).toEqual(['bought', 'bought', 'own']);
});

test('a busy gateway buys what comes while it embeds many texts', async () => {
  const { get, letGo } = sources('busy', [OWN]);
  const many = get(asked(OWN, Array<string>(embeddingsBusyTexts).fill('a')), anybody, call);
  const meanwhile = await get(asked(OWN), anybody, call);
  expect(meanwhile.receipts).toEqual(['r']);
  letGo();
  expect((await many).receipts).toBeUndefined();
  const after = get(asked(OWN), anybody, call);
  letGo();
  expect((await after).receipts).toBeUndefined();
});

test('a length that the seller does not have is refused before anything is bought', async () => {
  const { get } = sources('missing', ['other/model']);
  const shorter = get({ ...asked('other/model'), dimensions: 7 }, anybody, call);
  await expect(shorter).rejects.toMatchObject({ param: 'dimensions' });
});
