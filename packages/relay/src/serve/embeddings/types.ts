import type { EmbeddingOffer, EmbedRequest } from '@tributary/schemas';
import type { OwnOffer } from '../../offers/shelf.ts';
import type { Asked, Paid, SoldModel } from '../types.ts';

/** A parsed request for embeddings. */
export interface AskedTexts extends Asked {
  readonly request: EmbedRequest;
}

export interface AdmittedTexts extends AskedTexts {
  readonly model: SoldModel;
  readonly offer: OwnOffer<EmbeddingOffer>;
  /** The price of these texts. */
  readonly price: bigint;
  /** Null for a free answer. */
  readonly paid: Paid | null;
  /** Unix milliseconds. */
  readonly admittedAt: number;
}
