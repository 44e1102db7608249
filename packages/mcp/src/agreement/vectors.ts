import { vectorFromBase64url } from '@tributary/proof/primitives';
import type { GatewayResult, Offer, WholeAnswer } from '@tributary/schemas';

/** The dense vector of a passage, as its writer signed it. */
export interface SignedVector {
  /** Vectors are compared within a space: that of a model. */
  space: string;
  values: Float32Array;
}

/** Finds the vectors of some results of an answer, in their order; null for a result without a dense vector. */
export type VectorsOf = (results: readonly GatewayResult[]) => Promise<(SignedVector | null)[]>;

const nameOf = ({ index, namespace, id }: Pick<GatewayResult, 'index' | 'namespace' | 'id'>): string =>
  JSON.stringify([index, namespace, id]);

/** Answers that were sold show the committed vectors. They are read when somebody asks for them. */
export function soldVectors(answers: () => readonly { answer: WholeAnswer; offer: Offer }[]): VectorsOf {
  return async (results) => {
    const known = new Map(answers().flatMap(({ answer, offer }) => answer.results.map((item) => vectorOf(item, offer))));
    return results.map((result) => known.get(nameOf(result)) ?? null);
  };
}

function vectorOf({ shown }: WholeAnswer['results'][number], { index, card }: Offer): [string, SignedVector | null] {
  const { value } = shown.vector;
  const name = nameOf({ index, namespace: shown.namespace.value, id: shown.id.value });
  return [name, value === '' ? null : { space: card.model, values: vectorFromBase64url(value) }];
}

/**
 * An own index gives the vectors of its records.
 *
 * @param read fetches records of the answer's index and namespace by their ids
 */
export function ownVectors(read: (ids: string[]) => Promise<readonly { id: string; vector?: string | undefined }[]>): VectorsOf {
  return async (results) => {
    if (results.length === 0) return [];
    const records = new Map((await read(results.map(({ id }) => id))).map(({ id, vector }) => [id, vector ?? '']));
    return results.map(({ index, id }) => {
      const vector = records.get(id) ?? '';
      return vector === '' ? null : { space: index, values: vectorFromBase64url(vector) };
    });
  };
}
