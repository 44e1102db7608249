import type { Document, DocumentInterface } from '@langchain/core/documents';
import type { EmbeddingsInterface } from '@langchain/core/embeddings';
import { maximalMarginalRelevance } from '@langchain/core/utils/math';
import { VectorStore, type MaxMarginalRelevanceSearchOptions } from '@langchain/core/vectorstores';
import { vectorFromBase64url } from '@tributary/proof/primitives';
import type { Filter, RecordBody } from '@tributary/schemas';
import { passagesOf, type Passage } from '../frameworks/asker.ts';
import { flatMetadata } from '../frameworks/metadata.ts';
import type { OwnIndexClient, OwnQuestion } from '../http/own-index.ts';
import { TributaryEmbeddings } from './embeddings.ts';
import { toDocument } from './to-document.ts';

export interface TributaryVectorStoreConfig {
  /** An index of a node: `openHttpClient({ gateway }).index(NAME)`. */
  index: OwnIndexClient;
  namespace?: string;
}

interface AddOptions {
  /** Ids of the documents; default: their own ids, else new ones. */
  ids?: string[];
  namespace?: string;
}

interface DeleteParams {
  ids?: string[];
  filter?: Filter;
  deleteAll?: boolean;
  namespace?: string;
}

const fetchedDefault = 20;

/**
 * An index of a node as LangChain's vector store. With {@link TributaryEmbeddings} the node embeds what is written, and
 * questions by text search vectors and terms; with other embeddings only vectors are sent. Scores are relevances: 0 to
 * 1, higher is closer. Filters are Pinecone's.
 */
export class TributaryVectorStore extends VectorStore {
  declare FilterType: Filter;
  readonly #index: OwnIndexClient;
  readonly #namespace: { namespace?: string };

  constructor(embeddings: EmbeddingsInterface, config: TributaryVectorStoreConfig) {
    super(embeddings, config);
    const { index, namespace } = config;
    this.#index = index;
    this.#namespace = namespace === undefined ? {} : { namespace };
  }

  override _vectorstoreType(): string {
    return 'tributary';
  }

  override async addDocuments(documents: DocumentInterface[], options: AddOptions = {}): Promise<string[]> {
    if (this.embeddings instanceof TributaryEmbeddings) return this.#write(documents.map(toRecord(options.ids)), options);
    const vectors = await this.embeddings.embedDocuments(documents.map(({ pageContent }) => pageContent));
    return this.addVectors(vectors, documents, options);
  }

  override addVectors(vectors: number[][], documents: DocumentInterface[], options: AddOptions = {}): Promise<string[]> {
    const record = toRecord(options.ids);
    return this.#write(
      documents.map((document, at) => ({ ...record(document, at), vector: vectors[at]! })),
      options,
    );
  }

  async #write(records: RecordBody[], { namespace }: AddOptions): Promise<string[]> {
    await this.#index.upsert(records, namespace === undefined ? this.#namespace : { namespace });
    return records.map(({ id }) => id);
  }

  override async delete({ ids, filter, deleteAll = false, namespace }: DeleteParams = {}): Promise<void> {
    const where = namespace === undefined ? this.#namespace : { namespace };
    if (deleteAll) await this.#index.delete({ ...where, all: true });
    else if (filter !== undefined) await this.#index.delete({ ...where, filter });
    else if (ids !== undefined && ids.length > 0) await this.#index.delete({ ...where, ids });
  }

  override similaritySearchVectorWithScore(query: number[], k: number, filter?: Filter): Promise<[Document, number][]> {
    return this.#search({ vector: Float32Array.from(query) }, k, filter);
  }

  override similaritySearchWithScore(query: string, k = 4, filter?: Filter): Promise<[Document, number][]> {
    // A store gives k results, however little they fit.
    if (this.embeddings instanceof TributaryEmbeddings) return this.#search({ text: query, minRelevance: 0 }, k, filter);
    return super.similaritySearchWithScore(query, k, filter) as Promise<[Document, number][]>;
  }

  override async similaritySearch(query: string, k = 4, filter?: Filter): Promise<Document[]> {
    return (await this.similaritySearchWithScore(query, k, filter)).map(([document]) => document);
  }

  override async maxMarginalRelevanceSearch(
    query: string,
    { k, fetchK = fetchedDefault, lambda, filter }: MaxMarginalRelevanceSearchOptions<Filter>,
  ): Promise<Document[]> {
    const vector = await this.embeddings.embedQuery(query);
    const found = await this.#find({ vector: Float32Array.from(vector) }, fetchK, filter);
    if (found.length === 0) return [];
    const ids = found.map(({ result }) => result.id);
    const records = await this.#index.fetch(ids, { ...this.#namespace, vectors: true });
    const vectors = new Map(records.map((record) => [record.id, [...vectorFromBase64url(record.vector ?? '')]]));
    const kept = found.filter(({ result }) => vectors.has(result.id));
    const chosen = maximalMarginalRelevance(
      vector,
      kept.map(({ result }) => vectors.get(result.id)!),
      lambda,
      k,
    );
    return chosen.map((at) => toDocument(kept[at]!));
  }

  async #search(question: OwnQuestion, k: number, filter: Filter | undefined): Promise<[Document, number][]> {
    return (await this.#find(question, k, filter)).map((passage) => [toDocument(passage), passage.result.relevance]);
  }

  async #find(question: OwnQuestion, topK: number, filter: Filter | undefined): Promise<Passage[]> {
    const given = filter === undefined ? {} : { filter };
    return passagesOf(await this.#index.query({ ...question, ...this.#namespace, ...given, topK }));
  }

  static override async fromTexts(
    texts: string[],
    metadatas: object[] | object,
    embeddings: EmbeddingsInterface,
    config: TributaryVectorStoreConfig,
  ): Promise<TributaryVectorStore> {
    const documents = texts.map((pageContent, at) => ({
      pageContent,
      metadata: { ...(Array.isArray(metadatas) ? (metadatas[at] as object) : metadatas) },
    }));
    return TributaryVectorStore.fromDocuments(documents, embeddings, config);
  }

  static override async fromDocuments(
    documents: DocumentInterface[],
    embeddings: EmbeddingsInterface,
    config: TributaryVectorStoreConfig,
  ): Promise<TributaryVectorStore> {
    const store = new TributaryVectorStore(embeddings, config);
    await store.addDocuments(documents);
    return store;
  }

  /** The store of what is in the index. */
  static async fromExistingIndex(
    embeddings: EmbeddingsInterface,
    config: TributaryVectorStoreConfig,
  ): Promise<TributaryVectorStore> {
    return new TributaryVectorStore(embeddings, config);
  }
}

const toRecord =
  (ids: string[] | undefined) =>
  ({ id, pageContent, metadata }: DocumentInterface, at: number): RecordBody => ({
    id: ids?.[at] ?? id ?? crypto.randomUUID(),
    text: pageContent,
    metadata: flatMetadata(metadata),
  });
