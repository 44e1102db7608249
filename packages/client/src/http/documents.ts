import {
  checkShape,
  deletedDocument,
  documentLine,
  documentsReply,
  type AddedDocument,
  type DeletedDocument,
  type DocumentProgress,
  type DocumentsReply,
  type Metadata,
} from '@tributary/schemas';
import { ClientError } from '../errors.ts';
import { exchange, exchangeLines, type GatewayCalls } from './gateway-calls.ts';
import { ownWriteTimeoutMs } from './limits.ts';
import { queryOf } from './query-of.ts';

export interface AddDocumentOptions {
  /** Name of the document, such as `reports/2026.pdf`. Its extension decides how the file is parsed. */
  name: string;
  namespace?: string;
  /** Metadata of every chunk. */
  metadata?: Metadata;
  signal?: AbortSignal;
  /** Called at most several times per second with the number of chunks, and how many of them are embedded. */
  onProgress?: (progress: DocumentProgress) => void;
}

/** The documents of one index of the node. When a promise resolves, the change is on the node's disk. */
export interface DocumentsClient {
  /**
   * Uploads a file. It replaces a document with that name; the same bytes again change nothing.
   *
   * @throws RefusalError PARSE_*, INPUT_*, INDEX_NOT_FOUND, MODEL_NOT_FOUND, STORE_BUSY, OVERLOADED; ClientError
   */
  add(file: Blob | Uint8Array<ArrayBuffer>, options: AddDocumentOptions): Promise<AddedDocument>;
  /** One page of the documents of a namespace. */
  list(options?: { namespace?: string; limit?: number; after?: string; signal?: AbortSignal }): Promise<DocumentsReply>;
  /** @throws RefusalError PATH_NOT_FOUND when there is no such document */
  delete(name: string, options?: { namespace?: string; signal?: AbortSignal }): Promise<DeletedDocument>;
}

export function documentsClient(calls: GatewayCalls, index: string): DocumentsClient {
  const path = `/v1/indexes/${encodeURIComponent(index)}/documents`;
  return {
    async add(file, { name, namespace, metadata, signal, onProgress }) {
      const address = `${path}${queryOf({ name, namespace })}`;
      for await (const value of exchangeLines(calls, address, formOf(file, metadata), signal)) {
        const line = checkShape(documentLine, value, "the node's answer");
        if ('document' in line) return line.document;
        if ('progress' in line) onProgress?.(line.progress);
      }
      throw new ClientError('GATEWAY_RESPONSE', `the node stopped before it said what became of ${name}`);
    },
    async list({ signal, ...asked } = {}) {
      return checkShape(documentsReply, await exchange(calls, `${path}${queryOf(asked)}`, null, { signal }), "the node's answer");
    },
    async delete(name, { namespace, signal } = {}) {
      const address = `${path}/${encodeURIComponent(name)}${queryOf({ namespace })}`;
      const how = { signal, method: 'DELETE', timeoutMs: ownWriteTimeoutMs } as const;
      return checkShape(deletedDocument, await exchange(calls, address, null, how), "the node's answer");
    },
  };
}

/**
 * A form (RFC 7578) as one blob. With `FormData`, an aborted fetch in Node throws an error that cannot be caught:
 * "Invalid state: ReadableStream is already closed".
 */
function formOf(file: Blob | Uint8Array<ArrayBuffer>, metadata: Metadata | undefined): Blob {
  const boundary = `tributary-${crypto.randomUUID()}`;
  const part = (head: string): string => `--${boundary}\r\ncontent-disposition: form-data; ${head}\r\n\r\n`;
  const type = (file instanceof Blob && file.type) || 'application/octet-stream';
  const fields = metadata === undefined ? [] : [part('name="metadata"'), JSON.stringify(metadata), '\r\n'];
  const parts = [...fields, part(`name="file"; filename="file"\r\ncontent-type: ${type}`), file, `\r\n--${boundary}--\r\n`];
  return new Blob(parts, { type: `multipart/form-data; boundary=${boundary}` });
}
