import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { format, join, parse } from 'node:path';
import { ClientError, openClient, openHeadStore, openHttpClient, type QueryResult, type Question } from '@tributary/client';
import { serializeBundle, type Unpinned } from '@tributary/proof';
import { openKeys, readRendezvous, rendezvousDirectory } from '@tributary/relay';
import { resultsMax, TributaryError, type Bundle, type GatewayResult, type Trust } from '@tributary/schemas';
import { credits, fraction, jsonObject, peerAddresses, webAddress, wholeNumber, writablePath } from '../arguments.ts';
import { requireNodeData } from '../data-folder.ts';
import { dataFolder } from '../folders.ts';
import { wrap, type Output } from '../ui/output.ts';
import { readTrust, UNPINNED_ROLE } from './verify.ts';

export interface QueryOptions {
  index?: string;
  k?: string;
  filter?: string;
  mode?: string;
  namespace?: string;
  minRelevance?: string;
  denseWeight?: string;
  maxCharge?: string;
  gateway?: string;
  bootstrap?: string[];
  data?: string;
  owner?: boolean;
  trust?: string;
  proof?: string;
  json?: boolean;
}

/** Gateway asked unless another is named; when it is not there, providers on this machine are asked directly. */
export const defaultGateway = 'http://127.0.0.1:8787';

interface Shown {
  results: GatewayResult[];
  answers: {
    index: string;
    snapshot: { sequence: number; at: string };
    usage: { charge: string; unit: string; receipt: string };
  }[];
  failed: QueryResult['failed'];
  usage: { charge: string; unit: string };
  pinned: boolean;
  unpinned: readonly Unpinned[];
  notProven: string[];
  bundles: Bundle[];
}

/** Exit codes of `tributary query`; a refused answer, or an unpinned key with --trust, is 1, a wrong command line 2. */
const PINNED = 0;
const UNPINNED = 3;

/** `tributary query TEXT`: asks, pays, verifies here, and shows what was found. Exit code 0 with pinned keys, 3 with unpinned ones; also for no results. */
export async function queryCommand(text: string, options: QueryOptions, output: Output, signal: AbortSignal): Promise<number> {
  const question = toQuestion(text, options);
  peerAddresses(options.bootstrap);
  const trust = options.trust === undefined ? undefined : await readTrust(options.trust);
  if (options.proof !== undefined) await writablePath('--proof', options.proof);
  const shown = await askAnyhow(question, options, trust, signal, output);
  if (options.proof !== undefined) await saveProofs(options.proof, shown.bundles, output);
  if (options.json) output.json(toJson(shown));
  else show(shown, output);
  return shown.pinned ? PINNED : UNPINNED;
}

async function askAnyhow(
  question: Question,
  options: QueryOptions,
  trust: Trust | undefined,
  signal: AbortSignal,
  output: Output,
): Promise<Shown> {
  if (options.owner || (options.bootstrap && options.bootstrap.length > 0))
    return askDirectly(question, options, trust, signal, output);
  const gateway = options.gateway ?? process.env['TRIBUTARY_GATEWAY'];
  try {
    return await askGateway(question, webAddress('--gateway', gateway ?? defaultGateway), options, trust, signal);
  } catch (error) {
    const absent = error instanceof ClientError && error.code === 'GATEWAY_UNREACHABLE';
    if (!absent || gateway !== undefined) throw error;
    return askDirectly(question, options, trust, signal, output);
  }
}

async function askGateway(
  question: Question,
  gateway: string,
  options: QueryOptions,
  trust: Trust | undefined,
  signal: AbortSignal,
): Promise<Shown> {
  // The same heads as without a gateway: a log must not go back on either.
  const heads = await openHeadStore(join(dataFolder('client', options.data), 'heads'), { shared: true });
  const client = openHttpClient({ gateway, heads, ...(trust ? { trust } : {}) });
  const { results, answer, bundle, pinned, unpinned } = await client.query(question, { signal });
  const { offer, snapshot, receiptHash, notProven } = answer;
  const usage = { charge: bundle.receipt.charge, unit: offer.unit };
  return {
    results,
    answers: [
      {
        index: offer.index,
        snapshot: { sequence: snapshot.manifest.sequence, at: new Date(snapshot.manifest.time).toISOString() },
        usage: { ...usage, receipt: receiptHash },
      },
    ],
    failed: [],
    usage,
    pinned,
    unpinned,
    notProven: [...notProven],
    bundles: [bundle],
  };
}

async function askDirectly(
  question: Question,
  options: QueryOptions,
  trust: Trust | undefined,
  signal: AbortSignal,
  output: Output,
): Promise<Shown> {
  const rendezvous = rendezvousDirectory(process.env);
  const ownerKeys = options.owner ? await ownerKeysOf(options) : null;
  const client = await openClient({
    directory: options.owner ? dataFolder('client', undefined) : dataFolder('client', options.data),
    ...(ownerKeys ? { ownerSeed: ownerKeys.owner.seed } : {}),
    bootstrap: peerAddresses(options.bootstrap),
    neighbours: async () => (await readRendezvous(rendezvous, '')).flatMap(({ addresses }) => addresses),
    ...(trust ? { trust } : ownerKeys ? { trust: trustIn(ownerKeys.owner.did) } : {}),
  });
  try {
    await client.refresh(signal);
    if (options.bootstrap && client.offers().length === 0)
      throw new ClientError(
        'NO_PROVIDER',
        `no offer was found through ${options.bootstrap.join(', ')}; is that node running, and is its index listed?`,
      );
    const result = await client.query(question, {
      signal,
      onQuote: ({ most, couldLose, unit }) => tell(most, couldLose, unit, output),
    });
    return { ...result, bundles: result.answers.map(({ bundle }) => bundle()) };
  } finally {
    await client.close();
  }
}

/** Owners trust their own key. They pay nothing for their own index. */
const trustIn = (owner: string): Trust => ({
  v: 1,
  type: 'tributary/trust',
  signers: [owner],
  logs: [owner],
  payees: [],
  witnesses: [],
  quorum: 0,
});

/** Printed before the first voucher is signed. */
function tell(most: bigint, couldLose: bigint, unit: string, output: Output): void {
  if (most > 0n)
    output.note(
      `this costs at most ${most} ${unit}; if a provider takes it and does not answer, you could lose at most ${couldLose}`,
    );
}

async function ownerKeysOf(options: QueryOptions) {
  const data = dataFolder('provider', options.data);
  await requireNodeData(data, 'provider');
  return openKeys(data, randomBytes);
}

function toQuestion(text: string, options: QueryOptions): Question {
  const mode = options.mode;
  if (mode !== undefined && mode !== 'hybrid' && mode !== 'dense' && mode !== 'bm25') {
    throw new TributaryError('USAGE', `--mode is hybrid, dense or bm25, not '${mode}'`);
  }
  if (text.trim() === '') throw new TributaryError('USAGE', 'the question is empty');
  return {
    text,
    ...(options.index === undefined ? {} : { index: options.index }),
    ...(options.namespace === undefined ? {} : { namespace: options.namespace }),
    ...(options.k === undefined ? {} : { topK: wholeNumber('-k', options.k, { min: 1, max: resultsMax }) }),
    ...(options.filter === undefined ? {} : { filter: jsonObject('--filter', options.filter) }),
    ...(mode === undefined ? {} : { mode }),
    ...(options.denseWeight === undefined ? {} : { denseWeight: fraction('--dense-weight', options.denseWeight) }),
    ...(options.minRelevance === undefined ? {} : { minRelevance: fraction('--min-relevance', options.minRelevance) }),
    ...(options.maxCharge === undefined ? {} : { maxCharge: credits('--max-charge', options.maxCharge) }),
  };
}

/** One file for each index that answered: the name given, then with the number of the answer before the suffix. */
async function saveProofs(path: string, bundles: Bundle[], output: Output): Promise<void> {
  const { dir, name, ext } = parse(path);
  for (const [at, bundle] of bundles.entries()) {
    const file = at === 0 ? path : format({ dir, name: `${name}.${at + 1}`, ext });
    await writeFile(file, serializeBundle(bundle));
    output.note(`proof saved to ${file}; check it with: tributary verify ${file}`);
  }
}

function toJson({ results, answers, failed, usage, pinned, unpinned, notProven, bundles }: Shown): object {
  const parts = answers.map(({ index, snapshot, usage: part }) => ({ index, snapshot, usage: part }));
  return { results, answers: parts, failed, usage, pinned, unpinned, notProven, proofs: bundles.length };
}

const PASSAGE_CHARACTERS_SHOWN = 600;

function show({ results, answers, failed, usage, unpinned, notProven }: Shown, output: Output): void {
  if (results.length === 0)
    output.line(
      `Nothing relevant enough was found; ${usage.charge === '0' ? 'nothing was charged.' : `charged ${usage.charge} ${usage.unit}.`}`,
    );
  for (const result of results) showResult(result, output);
  for (const { index, code, message } of failed) output.note(`no answer from ${index}: ${message} (${code})`);
  for (const { index, snapshot, usage: part } of answers) {
    output.line(
      `verified here: ${index}, snapshot ${snapshot.sequence} of ${snapshot.at}; charged ${part.charge} ${part.unit}; receipt ${part.receipt}`,
    );
  }
  if (answers.length > 1) output.line(`charged in total: ${usage.charge} ${usage.unit}`);
  for (const line of describeUnpinned(unpinned)) output.line(line);
  output.line(`not proven: ${notProven.join(', ')}`);
}

function describeUnpinned(unpinned: readonly Unpinned[]): string[] {
  if (unpinned.length === 0) return ['keys: all pinned by your trust file'];
  return [
    'UNPINNED: the answer is consistent, but nothing shows whose keys these are:',
    ...unpinned.map(({ code, key }) => `  ${UNPINNED_ROLE[code].padEnd(6)} ${key}`),
    '  compare them with their owner, then: tributary trust trust.json --proof FILE, and ask with --trust trust.json',
  ];
}

function showResult(result: GatewayResult, output: Output): void {
  const { source, text, licence, signer, custody, author } = result;
  const place = source ? `${source.document}${source.page === undefined ? '' : `, page ${source.page}`}` : result.id;
  const rank = String(result.rank).padStart(2);
  output.line(`${rank}. ${place}   relevance ${result.relevance.toFixed(2)}   ${result.index.split('@')[0]}`);
  if (source?.context) output.line(`    ${source.context}`);
  const shown = text.length > PASSAGE_CHARACTERS_SHOWN ? `${text.slice(0, PASSAGE_CHARACTERS_SHOWN)} …` : text;
  for (const line of wrap(shown, Math.min(output.columns, 110), '    ')) output.line(line);
  const by = `signed by ${signer.slice(0, 24)}… (${custody}), author ${author ?? 'not declared'}`;
  output.line(`    licence ${licence ?? 'not stated'}, ${by}`);
  output.line();
}
