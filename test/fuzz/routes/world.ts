import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { inspect } from 'node:util';
import { makeRequest } from '@tributary/proof';
import { writeRequest } from '@tributary/proof/statements';
import { createFolderPlace, startNode } from '@tributary/relay';
import type { GatewayRoute } from '@tributary/relay/testing';
import { writeCrossEncoder } from '@tributary/store/testing';
import { grant, startNetwork } from '../../_network.ts';
import { openSender, type Received, type Sender } from '../send.ts';
import { makeKeys, type FuzzKeys } from './keys.ts';
import type { Places, Spare } from './types.ts';

const modelDirectory = fileURLToPath(new URL('../../../models/bge-small-en-v1.5', import.meta.url));
const credit = 1_000_000_000n;
/** A token with its secret part (docs/spec/api-keys.md). */
const TOKEN = /trib_[a-z2-7]{16}_[a-z2-7]{20,}/;

/** A node with keys and indexes of its own, and another provider whose index it buys from. */
export interface World {
  readonly routes: readonly GatewayRoute[];
  readonly keys: FuzzKeys;
  readonly places: Places;
  /** Ends the node, and starts it again. @returns its address */
  restart(between: () => void): Promise<Sender['send']>;
  /** Lines with a key that the node logged. */
  readonly leaks: readonly string[];
  send: Sender['send'];
  /** Sends with the key that may do everything. */
  call(line: string, body?: object | { text: string; type: string }): Promise<Received>;
  /** Makes something that a request may delete. */
  make(spare: Spare): Promise<string>;
  /** Removes it, if it is still there. */
  remove(spare: Spare, name: string): Promise<void>;
  close(): Promise<void>;
}

/** @param place where the node's data folder is; default: beside the provider's */
export async function openWorld(place?: string): Promise<World> {
  const network = await startNetwork({ price: '3', topK: 10, queriesPerMinute: 1_000_000 });
  let running = await startIn(network.folder, network.provider.addresses()[0]!, place);
  const { node, dataDirectory, imports, leaks } = running;
  await node.gateway.client.refresh();
  await grant(network, node.gateway.payer, credit);
  const writer = await node.provider.writers.create();
  const keys = await makeKeys(join(dataDirectory, 'gateway'), writer);
  const { send, close } = openSender(new URL(node.gateway.url));
  const call = caller(send, keys.good);
  const [vectors, texts] = [await makeIndex(node, 'vectors', false), await makeIndex(node, 'texts', true)];
  await vectors.changeWriters({ kind: 'delegate', writer, namespace: '' });
  const offered = node.gateway.client.offers()[0]!;
  const asked = { text: 'ferry', mode: 'bm25', topK: 2, minRelevance: 0, namespace: '' } as const;
  const { card, limits } = offered.offer;
  const target = { index: offered.offer.index, card: { model: card.model, modelId: card.modelId, languages: [] }, limits };
  let spares = 0;
  const pathOf: Readonly<Record<Spare, string>> = {
    spareIndex: '/v1/indexes',
    spareStore: '/v1/vector_stores',
    spareFile: '/v1/files',
  };
  return {
    async restart(between) {
      await running.node.close();
      between();
      running = await startIn(network.folder, network.provider.addresses()[0]!, place);
      return openSender(new URL(running.node.gateway.url)).send;
    },
    routes: node.gateway.routes,
    keys,
    leaks,
    send,
    call,
    places: {
      vectors: vectors.info().id,
      texts: texts.info().id,
      other: 'rivers',
      otherId: offered.offer.index,
      imports: pathToFileURL(imports).href,
      model: node.provider.embedder.card.id,
      reranker: node.reranker!.id,
      question: writeRequest(makeRequest(target, asked, null)),
      ...(await prepare(call)),
    },
    async make(spare) {
      if (spare === 'spareFile') return idOf(await call(`POST ${pathOf[spare]}`, formWith('A spare file.')));
      if (spare === 'spareStore') return idOf(await call(`POST ${pathOf[spare]}`, { name: 'spare' }));
      const name = `spare-${(spares += 1)}`;
      await call(`POST ${pathOf[spare]}`, { name, dimension: 2 });
      return name;
    },
    async remove(spare, name) {
      if (spare === 'spareIndex') await call(`PATCH /indexes/${name}`, { deletion_protection: 'disabled' });
      const { status, text } = await call(`DELETE ${pathOf[spare]}/${name}`);
      if (![200, 404, 503].includes(status)) throw new Error(`${spare} ${name} could not be removed: ${status} ${text}`);
    },
    async close() {
      close();
      await running.node.close();
      await network.close();
    },
  };
}

/** A node in the folder that may import files of a subfolder, and the lines with a key that it logs. */
async function startIn(folder: string, bootstrap: string, dataDirectory = join(folder, 'node')) {
  await mkdir(dataDirectory, { recursive: true, mode: 0o700 });
  const imports = join(folder, 'imports');
  await mkdir(imports, { recursive: true });
  const rerankModelDirectory = join(folder, 'reranker');
  await writeCrossEncoder(rerankModelDirectory, modelDirectory);
  const leaks: string[] = [];
  const write = (event: string, fields: object = {}): void => {
    const line = inspect([event, fields], { depth: 8, maxStringLength: null });
    if (TOKEN.test(line)) leaks.push(line);
  };
  const node = await startNode({
    dataDirectory,
    listen: ['/ip4/127.0.0.1/tcp/0'],
    bootstrap: [bootstrap],
    rendezvous: null,
    modelDirectory,
    rerankModelDirectory,
    port: 0,
    imports: [createFolderPlace(imports, async function* () {})],
    log: { info: write, warn: write, error: write },
  });
  return { node, dataDirectory, imports, leaks };
}

type Node = Awaited<ReturnType<typeof startNode>>;

function makeIndex({ provider }: Node, name: string, model: boolean) {
  const { card, dimension } = provider.embedder;
  return provider.createIndex({ name, dimension: model ? dimension : 2, metric: 'cosine', model: model ? card : null });
}

function caller(send: Sender['send'], key: string): World['call'] {
  return (line, body) => {
    const [method = '', path = ''] = line.split(' ');
    const raw = body !== undefined && 'text' in body && 'type' in body ? (body as { text: string; type: string }) : null;
    const type = body === undefined ? {} : { 'content-type': raw?.type ?? 'application/json' };
    const sent = body === undefined ? undefined : (raw?.text ?? JSON.stringify(body));
    return send({ method, path, headers: { 'api-key': key, ...type }, body: sent });
  };
}

const BOUNDARY = 'fuzz-boundary';

/** A form with a file, as OpenAI's clients send it. */
function formWith(text: string): { text: string; type: string } {
  const part = (head: string, body: string) => `--${BOUNDARY}\r\ncontent-disposition: form-data; ${head}\r\n\r\n${body}\r\n`;
  const parts = part('name="purpose"', 'assistants') + part('name="file"; filename="a.md"', text);
  return { text: `${parts}--${BOUNDARY}--\r\n`, type: `multipart/form-data; boundary=${BOUNDARY}` };
}

const idOf = ({ status, text }: Received): string => {
  if (status !== 200) throw new Error(`a spare could not be made: ${status} ${text}`);
  return (JSON.parse(text) as { id: string }).id;
};

/** What the samples name: a record, a bought receipt, a file in a vector store, a batch, and a backup. */
async function prepare(call: World['call']): Promise<Pick<Places, 'receipt' | 'store' | 'file' | 'batch' | 'backup'>> {
  await call('POST /v1/indexes/vectors/records', { records: [{ id: 'a', vector: [1, 2], metadata: { genre: 'a' } }] });
  const bought = await call('POST /v1/query', { query: 'ferry', index: 'rivers', mode: 'bm25', minRelevance: 0 });
  const { usage } = JSON.parse(bought.text) as { usage?: { receipt: string } };
  if (usage === undefined) throw new Error(`nothing was bought: ${bought.text}`);
  const file = idOf(await call('POST /v1/files', formWith('White storks nest on chimneys.')));
  const store = idOf(await call('POST /v1/vector_stores', { name: 'birds' }));
  const batch = idOf(await call(`POST /v1/vector_stores/${store}/file_batches`, { file_ids: [file] }));
  const made = await call('POST /indexes/vectors/backups', {});
  const { backup_id: backup } = JSON.parse(made.text) as { backup_id: string };
  return { receipt: usage.receipt, store, file, batch, backup };
}
