import type { BaseEmbedding } from '@llamaindex/core/embeddings';
import { MetadataMode, type BaseNode } from '@llamaindex/core/schema';
import {
  BaseVectorStore,
  metadataDictToNode,
  nodeToMetadata,
  type VectorStoreQuery,
  type VectorStoreQueryResult,
} from '@llamaindex/core/vector-store';
import { TributaryError, type GatewayResult } from '@tributary/schemas';
import { passagesOf, type Passage } from '../frameworks/asker.ts';
import { flatMetadata, PROVENANCE } from '../frameworks/metadata.ts';
import type { OwnIndexClient, OwnQuestion } from '../http/own-index.ts';
import { toFilter } from './filters.ts';

export interface TributaryVectorStoreOptions {
  /** An index of a node: `openHttpClient({ gateway }).index(NAME)`. */
  index: OwnIndexClient;
  namespace?: string;
  /** Default: that of LlamaIndex's settings. */
  embedModel?: BaseEmbedding;
}

/**
 * An index of a node as LlamaIndex's vector store. Nodes come with their vectors. Similarities are relevances: 0 to 1,
 * higher is closer. `hybrid` also searches terms, where `alpha` is the share of the vectors; `sparse` searches terms
 * only.
 */
export class TributaryVectorStore extends BaseVectorStore<OwnIndexClient> {
  override storesText = true;
  readonly #index: OwnIndexClient;
  readonly #namespace: { namespace?: string };

  constructor({ index, namespace, embedModel }: TributaryVectorStoreOptions) {
    super(embedModel === undefined ? {} : { embeddingModel: embedModel });
    this.#index = index;
    this.#namespace = namespace === undefined ? {} : { namespace };
  }

  override client(): OwnIndexClient {
    return this.#index;
  }

  override async add(nodes: BaseNode[]): Promise<string[]> {
    const records = nodes.map((node) => ({
      id: node.id_,
      text: node.getContent(MetadataMode.NONE),
      vector: node.getEmbedding(),
      metadata: flatMetadata(nodeToMetadata(node, true)),
    }));
    await this.#index.upsert(records, this.#namespace);
    return records.map(({ id }) => id);
  }

  /** Deletes the nodes of a document. */
  override async delete(refDocId: string): Promise<void> {
    await this.#index.delete({ ...this.#namespace, filter: { ref_doc_id: { $eq: refDocId } } });
  }

  override async query(query: VectorStoreQuery): Promise<VectorStoreQueryResult> {
    const filter = query.filters && toFilter(query.filters);
    const question = { ...toQuestion(query), ...this.#namespace, ...(filter === undefined ? {} : { filter }) };
    const found = passagesOf(await this.#index.query({ ...question, topK: query.similarityTopK }));
    return {
      nodes: found.map(toNode),
      similarities: found.map(({ result }) => result.relevance),
      ids: found.map(({ result }) => result.id),
    };
  }
}

function toQuestion({ mode, queryEmbedding, queryStr, alpha }: VectorStoreQuery): OwnQuestion {
  const vector = queryEmbedding === undefined ? {} : { vector: Float32Array.from(queryEmbedding) };
  const text = queryStr === undefined ? {} : { text: queryStr };
  const modes: Record<string, OwnQuestion> = {
    default: { mode: 'dense', ...vector },
    hybrid: { mode: 'hybrid', ...vector, ...text, ...(alpha === undefined ? {} : { denseWeight: alpha }) },
    sparse: { mode: 'bm25', ...text },
  };
  const asked = modes[mode];
  if (asked === undefined)
    throw new TributaryError('QUERY_INVALID', `indexes have no mode '${mode}'; use default, hybrid or sparse`);
  return asked;
}

/** Records of other writers have no node in their metadata, but a text. */
function toNode({ result, provenance }: Passage): BaseNode {
  const fallback = { id_: result.id, text: result.text, metadata: ownMetadata(result) };
  const node = metadataDictToNode({ ...result.metadata }, { fallback });
  node.setContent(result.text);
  node.metadata[PROVENANCE] = provenance;
  return node;
}

const ownMetadata = ({ metadata: { doc_id: _doc, document_id: _document, ref_doc_id: _ref, ...own } }: GatewayResult) => own;
