// A gateway that speaks OpenAI's API, with a made-up model and files in a folder of its own.
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { modelDigest } from '@tributary/proof/statements';
import { openStore, type Embedder, type Store } from '@tributary/store';
import type { GatewayRoute } from '../../src/gateway/types.ts';
import { openOpenAi } from '../../src/openai/dialect.ts';
import { createOwnIndexes } from '../../src/own/own-indexes.ts';
import type { OwnIndexes } from '../../src/own/types.ts';
import { openWriterKeys, type WriterKeys } from '../../src/writers/writer-keys.ts';
import { openGateway } from '../_gateway.ts';
import type { TestKeys } from './api-keys.ts';

const CARD = { id: 'test/model', dimensions: [2] };
const DIMENSION = 4;
/** Words decide the vector. */
function vectorOf(text: string): Float32Array<ArrayBuffer> {
  const vector = new Float32Array(DIMENSION).fill(0.1);
  for (const word of text.toLowerCase().match(/[a-z]+/g) ?? []) vector[word.charCodeAt(0) % DIMENSION]! += 1;
  return vector;
}
const embedder: Embedder = {
  card: CARD,
  digest: modelDigest(CARD),
  dimension: DIMENSION,
  maxTokens: 128,
  device: { device: 'cpu', weights: 'fp32', why: 'test' },
  embed: async (texts) => texts.map(vectorOf),
  embedCounted: async (texts) => ({ vectors: texts.map(() => Float32Array.of(0.6, 0.8, 3, 4)), tokens: texts.length }),
  countTokens: (text) => 2 + (text.match(/\S+/g)?.length ?? 0),
  close: async () => undefined,
};

/** A store whose indexes are the node's own. */
async function openOwn(folder: string): Promise<{ own: OwnIndexes; store: Store; writers: WriterKeys }> {
  const store = await openStore({ directory: join(folder, 'store'), owner: { seed: new Uint8Array(32).fill(7) }, embedder });
  const writers = await openWriterKeys(join(folder, 'writers'), randomBytes, { noteKeys: async () => undefined });
  const node = {
    store,
    embedder,
    writers,
    createIndex: (index: Parameters<Store['createIndex']>[0]) => store.createIndex(index),
    deleteIndex: (name: string) => store.removeIndex(name),
    ingestOptions: () => ({}),
  };
  const own = createOwnIndexes(node, join(folder, 'uploads'));
  return { own, store, writers };
}

/** What the tests read of bodies. */
interface Body {
  id: string;
  status: string;
  usage_bytes: number;
  chunking_strategy: { static: { max_chunk_size_tokens: number } };
  file_counts: { completed: number; cancelled: number };
  data: { id: string; status: string; embedding: number[] | string; content: { text: string }[] }[];
  has_more: boolean;
  error: { param: string | null };
}

export interface OpenAiReply {
  status: number;
  headers: Record<string, unknown>;
  text: string;
  body: Body;
}

interface Sent {
  headers?: Record<string, string>;
  json?: object;
  form?: FormData;
}

/** Opens it in a folder. With the folder of an earlier one, it starts again. */
export async function openOpenAiGateway({ keys, folder: given }: { keys?: TestKeys; folder?: string } = {}) {
  const folder = given ?? (await mkdtemp(join(tmpdir(), 'tributary-openai-')));
  let nowMs = 1_790_000_000_000;
  const { own, store, writers } = await openOwn(folder);
  const opening = openOpenAi({ directory: folder, own, embedder, now: () => (nowMs += 1_000), randomBytes });
  const openAi = await opening.catch(async (error: unknown) => {
    await store.close();
    throw error;
  });
  const { gateway } = await openGateway(
    {},
    { dialects: (inFlight) => [openAi.dialect(inFlight, null)], ...(keys ? { apiKeys: keys.ring } : {}) },
  );
  const close = async (): Promise<void> => {
    await gateway.close();
    await openAi.close();
    await store.close();
  };
  let open = true;
  onTestFinished(async () => {
    if (open) await close();
    await rm(folder, { recursive: true, force: true });
  });
  return {
    folder,
    gateway,
    own,
    writers,
    async stop() {
      open = false;
      await close();
    },
    async call(name: string, { headers = {}, json, form }: Sent = {}): Promise<OpenAiReply> {
      const [method, url] = name.split(' ') as [GatewayRoute['method'], string];
      const body = form === undefined ? null : new Response(form);
      const reply = await gateway.app.inject({
        method,
        url,
        headers: {
          host: '127.0.0.1:1',
          ...(body === null ? {} : { 'content-type': body.headers.get('content-type')! }),
          ...headers,
        },
        ...(json === undefined ? {} : { payload: json }),
        ...(body === null ? {} : { payload: Buffer.from(await body.arrayBuffer()) }),
      });
      const isJson = String(reply.headers['content-type']).startsWith('application/json');
      return {
        status: reply.statusCode,
        headers: reply.headers,
        text: reply.body,
        body: isJson ? reply.json<Body>() : ({} as Body),
      };
    },
  };
}

/** A form with a file and other fields. */
export function formOf(
  content: string | Uint8Array<ArrayBuffer>,
  name = 'notes.md',
  fields: Record<string, string> = { purpose: 'assistants' },
) {
  const form = new FormData();
  for (const [field, value] of Object.entries(fields)) form.set(field, value);
  form.set('file', new File([content], name, name.endsWith('.md') ? { type: 'text/markdown' } : {}));
  return form;
}
