import type { CallbackManagerForRetrieverRun } from '@langchain/core/callbacks/manager';
import type { Document } from '@langchain/core/documents';
import { BaseRetriever, type BaseRetrieverInput } from '@langchain/core/retrievers';
import { passages, type AskOptions, type Asker } from '../frameworks/asker.ts';
import { toDocument } from './to-document.ts';

/** What is asked, and whom. */
export interface TributaryRetrieverFields extends BaseRetrieverInput, AskOptions {
  client: Asker;
}

/**
 * Asks indexes of the network, or one of a node, by text. The provider embeds the question unless the client does.
 * Where a passage comes from and who signed it is in `metadata.tributary`. Answers that fail a check are errors, never
 * documents.
 */
export class TributaryRetriever extends BaseRetriever {
  static override lc_name(): string {
    return 'TributaryRetriever';
  }

  override lc_namespace = ['tributary', 'retrievers'];
  readonly #client: Asker;
  readonly #asked: AskOptions;

  constructor({ client, callbacks, tags, metadata, verbose, ...asked }: TributaryRetrieverFields) {
    super(Object.fromEntries(Object.entries({ callbacks, tags, metadata, verbose }).filter(([, value]) => value !== undefined)));
    this.#client = client;
    this.#asked = asked;
  }

  override async _getRelevantDocuments(query: string, _run?: CallbackManagerForRetrieverRun): Promise<Document[]> {
    return (await passages(this.#client, query, this.#asked)).map(toDocument);
  }
}
