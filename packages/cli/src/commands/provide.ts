import { parsePolicy, readPolicy, startProvider, stderrLog, type Policy, type ProviderNode } from '@tributary/relay';
import { rendezvousDirectory } from '@tributary/relay/local';
import { indexName, inWords, namespace as namespaceShape, TributaryError } from '@tributary/schemas';
import type { Index } from '@tributary/store';
import { access } from 'node:fs/promises';
import { credits, listenAddresses, peerAddresses, port } from '../arguments.ts';
import { refuseSecondNode } from '../data-folder.ts';
import { dataFolder } from '../folders.ts';
import { aborted } from '../ui/interrupt.ts';
import { describeDevice } from '../ui/describe-device.ts';
import { describePublication } from '../ui/describe-publication.ts';
import { type Output } from '../ui/output.ts';
import { tellReadOnly } from '../ui/tell-read-only.ts';
import { counted, ingestPaths } from '../steps/ingest-paths.ts';
import { embeddingTerms } from '../steps/embedding-terms.ts';
import { engineAddress } from '../steps/engine-address.ts';
import { graphPlaces } from '../steps/graph-places.ts';
import { hubDownloads } from '../steps/models/hub-downloads.ts';
import { embeddingPrice, modelIdle, modelOptions, type ModelOptions } from '../steps/models/model-options.ts';
import { readPasswords } from '../steps/passwords.ts';
import { hasParent, tellParent } from '../steps/ready.ts';

export interface ProvideOptions extends ModelOptions {
  index: string;
  title?: string;
  description?: string;
  licence?: string;
  question?: string[];
  author?: string;
  price?: string;
  policy?: string;
  data?: string;
  listen?: string[];
  bootstrap?: string[];
  publish?: boolean;
  /** False: documents are not counted before they are ingested. */
  plan?: boolean;
  namespace?: string;
  passwordFile?: string;
  metricsPort?: string;
  sellEmbeddings?: string;
  modelIdle?: string;
  engine?: string;
  graph?: string[];
}

/** `tributary provide PATH… --index NAME`: ingests documents and serves them until it is stopped. */
export async function provideCommand(
  paths: string[],
  options: ProvideOptions,
  output: Output,
  signal: AbortSignal,
): Promise<number> {
  if (!indexName.safeParse(options.index).success) {
    throw new TributaryError(
      'INDEX_NAME',
      `'${options.index}' is no index name: 1 to 45 of a-z, 0-9 and '-', starting and ending with a letter or digit`,
    );
  }
  const config = {
    dataDirectory: dataFolder('provider', options.data),
    listen: listenAddresses(options.listen),
    bootstrap: peerAddresses(options.bootstrap),
    rendezvous: rendezvousDirectory(process.env),
    ...(await modelOptions(options, process.env, hubDownloads(output, signal))),
    ...modelIdle(options.modelIdle),
    policy: await policyOf(options),
    ...(await embeddingTerms(options)),
    ...(await engineAddress(options.engine, process.env)),
    graphs: graphPlaces(options.graph ?? []),
    log: stderrLog(process.stderr, process.env, Date.now),
    ...(options.metricsPort !== undefined && { metricsPort: port('--metrics-port', options.metricsPort) }),
  };
  const namespace = namespaceOf(options);
  const passwords = await readPasswords(options.passwordFile, process.env);
  await mustExist(paths);
  await refuseSecondNode(config.dataDirectory);
  signal.throwIfAborted();
  const provider = await startProvider(config);
  try {
    signal.throwIfAborted();
    if (!hasParent()) output.note(describeDevice(provider.embedder));
    const index = await provider.openIndex(options.index, cardOf(options));
    const ingestOptions = { ...provider.ingestOptions(index), namespace, passwords, signal };
    const plan = (options.plan ?? true) && { price: embeddingPrice(process.env) };
    if (provider.folder.readOnly) tellReadOnly(config.dataDirectory, 'documents, terms and listing stay as they are', output);
    else await ingestPaths(index, paths, ingestOptions, plan, output);
    signal.throwIfAborted();
    await provider.refreshOffers();
    await announce(provider, index, options, output);
    await aborted(signal);
    output.note('stopping…');
  } finally {
    await provider.close();
  }
  return 0;
}

function namespaceOf({ namespace = '' }: ProvideOptions): string {
  const result = namespaceShape.safeParse(namespace, { error: inWords });
  if (result.success) return result.data;
  throw new TributaryError('USAGE', `--namespace: ${result.error.issues[0]?.message ?? 'wrong shape'}`);
}

/** Checked before the model is loaded and an index is created. */
async function mustExist(paths: string[]): Promise<void> {
  for (const path of paths)
    await access(path).catch(() => {
      throw new TributaryError('PATH_NOT_FOUND', `there is no readable file or folder ${path}; nothing was ingested`);
    });
}

/** `--policy FILE` replaces the index's stored policy, `--price` its price. Without either, the stored policy stays. */
async function policyOf(options: ProvideOptions): Promise<(stored: Policy) => Policy> {
  const policy = options.policy === undefined ? null : await readPolicy(options.policy);
  if (options.price === undefined) return (stored) => policy ?? stored;
  const { price } = parsePolicy(JSON.stringify({ price: String(credits('--price', options.price)) }), '--price');
  return (stored) => ({ ...(policy ?? stored), price });
}

function cardOf({ title, description, licence, author, question }: ProvideOptions) {
  return {
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    ...(licence === undefined ? {} : { licence }),
    ...(author === undefined ? {} : { author }),
    ...(question === undefined ? {} : { questions: question }),
  };
}

/** What strangers see of this node: the named index, and other listed ones in the same folder. */
function notesOnVisibility(provider: ProviderNode, id: string, options: ProvideOptions): string[] {
  if (provider.rehearsal)
    return [
      'this is a restored copy: it is announced and sold to nobody until it is stopped and made live: tributary restore --go-live',
    ];
  const indexes = provider.store.indexes();
  const others = indexes.filter((index) => index.id !== id && index.visibility === 'listed').map(({ name }) => name);
  const listed = indexes.some((index) => index.id === id && index.visibility === 'listed');
  return [
    ...(listed ? [] : [`${options.index} is private; publish it with: tributary publish ${options.index}`]),
    ...(others.length === 0 ? [] : [`this node also announces and sells: ${others.join(', ')}`]),
  ];
}

async function announce(provider: ProviderNode, index: Index, options: ProvideOptions, output: Output): Promise<void> {
  if (options.publish && !provider.folder.readOnly) {
    const preview = await provider.publishPreview(options.index);
    // `tributary start` describes its own documents.
    if (!hasParent()) for (const line of describePublication(preview)) output.note(line);
    await provider.publish(options.index);
  }
  const { id, records, visibility } = index.info();
  output.line(`serving ${id}: ${counted(records, 'record')}, ${visibility}`);
  for (const address of provider.addresses()) output.line(`  at ${address}`);
  if (records === 0) output.note(`the index is empty; give files or folders: tributary provide PATH… --index ${options.index}`);
  for (const line of notesOnVisibility(provider, id, options)) output.note(line);
  if (options.sellEmbeddings !== undefined && !provider.rehearsal)
    output.note(`it sells embeddings of ${provider.embedder.card.id} to whoever pays; the price is in the offer`);
  tellParent({ ready: 'provider', index: id, did: provider.keys.owner.did, addresses: provider.addresses() });
}
