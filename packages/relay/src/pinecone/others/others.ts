import type { KnownOffer, QueryResult, Question } from '@tributary/client';
import { sparseFromBase64url, vectorFromBase64url } from '@tributary/proof/primitives';
import { readWholeAnswer } from '@tributary/proof';
import type { FastifyReply } from 'fastify';
import type { Caller } from '../../api-keys/types.ts';
import { StoreError } from '@tributary/store';
import type { ShownIndex } from '../control/index-model.ts';
import { checkPlace, type Answer, type AskedNearest } from '../data/query.ts';
import { toFields } from '../data/record.ts';
import type { AskedVectors } from '../data/vector.ts';
import { toNumbers, toPairs } from '../../numbers/float-text.ts';
import { createBought, type BoughtRecord } from './bought.ts';

/** The network as the gateway asks it: valid offers, and questions paid from a caller's budget. */
export interface Network {
  offers(caller: Caller): KnownOffer[];
  /** @throws RelayError API_KEY_*; the errors of the client */
  ask(question: Question, caller: Caller, reply: FastifyReply): Promise<QueryResult>;
}

/** Offered indexes of other owners. They can be described and queried, and records that were bought can be fetched. */
export interface Others {
  list(caller: Caller): ShownIndex[];
  /** By the shown name or the id; undefined when nobody offers it. */
  find(nameOrId: string, caller: Caller): ShownIndex | undefined;
  /** @throws RelayError API_KEY_*; StoreError INDEX_NOT_FOUND; the errors of the client */
  query(asked: AskedNearest, caller: Caller, reply: FastifyReply): Promise<Answer>;
  fetch(place: { index: string; namespace: string; ids: readonly string[] }, caller: Caller): BoughtRecord[];
  /**
   * From the offer.
   *
   * @throws StoreError INDEX_NOT_FOUND
   */
  stats(id: string, caller: Caller): Pick<ShownIndex, 'dimension' | 'metric' | 'vectors'> & { records: number };
}

/** Member under which the text of another owner's record is shown. */
export const FIELD = 'text';

export function createOthers(network: Network, isOwn: (nameOrId: string) => boolean): Others {
  const bought = createBought();
  const offered = (caller: Caller) => network.offers(caller).filter(({ offer }) => !isOwn(offer.index));
  const list = (caller: Caller): ShownIndex[] => {
    const offers = offered(caller);
    const times = Map.groupBy(offers, ({ offer }) => nameOf(offer.index));
    return offers.map(({ offer }) => {
      const name = nameOf(offer.index);
      const unique = times.get(name)!.length === 1 && !isOwn(name);
      return shown(offer, unique ? name : offer.index);
    });
  };
  const find = (nameOrId: string, caller: Caller) => list(caller).find(({ name, id }) => name === nameOrId || id === nameOrId);
  return {
    list,
    find,
    async query(asked, caller, reply) {
      const { index, namespace, to } = asked;
      const card = find(index, caller);
      if (card === undefined) throw unknown(index);
      checkPlace(card, to);
      const near = 'id' in to ? bought.get({ key: caller.key, index: card.id, namespace }, [to.id])[0] : to;
      if (near === undefined) return { matches: [], sequence: 0 };
      const result = await network.ask(questionOf(card.id, asked, near), caller, reply);
      const records = boughtIn(result);
      bought.keep({ key: caller.key, index: card.id, namespace }, records);
      return toAnswer(result, records, asked.values);
    },
    fetch: ({ index, namespace, ids }, caller) =>
      bought.get({ key: caller.key, index: find(index, caller)?.id ?? index, namespace }, ids),
    stats(id, caller) {
      const offer = offered(caller).find((one) => one.offer.index === id)?.offer;
      if (offer === undefined) throw unknown(id);
      const { records, dimension, metric, vectors = 'dense' } = offer.card;
      return { records, dimension, metric, vectors };
    },
  };
}

const nameOf = (id: string): string => id.split('@', 1)[0]!;
const unknown = (index: string) => new StoreError('INDEX_NOT_FOUND', `there is no index ${index} here or on offer`);

function shown({ index, card }: KnownOffer['offer'], name: string): ShownIndex {
  const { dimension, metric, vectors = 'dense' } = card;
  const model = card.modelId === 'unspecified' ? null : card.modelId;
  const place = { cloud: 'aws', region: 'us-east-1' };
  const labels = { protected: true, tags: {}, schema: null, ...place };
  return { name, id: index, dimension, metric, vectors, model, field: FIELD, ...labels };
}

type Near = AskedVectors | { text: string } | { words: string };

function questionOf(index: string, { namespace, topK, filter }: AskedNearest, near: Near): Question {
  const what = whatOf(near);
  return { ...what, index, namespace, topK, minRelevance: 0, ...(filter === null ? {} : { filter }) };
}

function whatOf(near: Near): Pick<Question, 'text' | 'mode' | 'vector' | 'sparse'> {
  if ('text' in near) return { text: near.text, mode: 'dense' };
  return 'words' in near ? { text: near.words, mode: 'bm25' } : vectorsOf(near);
}

/** The vectors that there are; together they are summed. */
function vectorsOf({ vector, sparse }: AskedVectors): Pick<Question, 'vector' | 'sparse'> {
  return { ...(vector === undefined || vector.length === 0 ? {} : { vector }), ...(sparse === undefined ? {} : { sparse }) };
}

/** The records of an answer with their vectors. Only the signed body has these; the client has verified it. */
function boughtIn({ answers }: QueryResult): BoughtRecord[] {
  return answers.flatMap((answer) => {
    const { results } = readWholeAnswer(answer.bundle());
    return results.map(({ shown: { id, text, vector, metadata } }) => {
      const values = Object.fromEntries(Object.entries(metadata).map(([key, { value }]) => [key, value]));
      return {
        id: id.value,
        vector: Float32Array.from(vectorFromBase64url(vector.value)),
        ...(vector.sparse === undefined ? {} : { sparse: sparseFromBase64url(vector.sparse) }),
        fields: toFields({ text: text.value, metadata: values }, FIELD),
      };
    });
  });
}

async function toAnswer({ results, answers }: QueryResult, records: readonly BoughtRecord[], values: boolean): Promise<Answer> {
  const lists = values ? await toNumbers(records.map(({ vector }) => vector)) : [];
  const matches = results.map(({ id, score }, at) => {
    const { sparse, fields } = records[at]!;
    const pairs = values && sparse !== undefined ? { sparse: toPairs(sparse) } : {};
    return { id, score, values: lists[at] ?? [], ...pairs, fields };
  });
  const { usage, snapshot } = answers[0]!;
  return { matches, sequence: snapshot.sequence, receipt: usage.receipt };
}
