import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { format, parse } from 'node:path';
import { ClientError, openClient, openHttpClient, type Question } from '@tributary/client';
import { serializeBundle } from '@tributary/proof';
import { openKeys, readRendezvous, rendezvousDirectory } from '@tributary/relay';
import { resultsMax, TributaryError, type Bundle, type GatewayResult, type Trust } from '@tributary/schemas';
import { credits, fraction, jsonObject, peerAddresses, webAddress, wholeNumber, writablePath } from '../arguments.ts';
import { requireNodeData } from '../data-folder.ts';
import { dataFolder } from '../folders.ts';
import { wrap, type Output } from '../ui/output.ts';
import { readTrust } from './verify.ts';

export interface QueryOptions {
  index?: string;
  k?: string;
  filter?: string;
  mode?: string;
  namespace?: string;
  minRelevance?: string;
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
  notProven: string[];
  bundles: Bundle[];
}

/** `tributary query TEXT`: asks, pays, verifies here, and shows what was found. Exit code 0, also for no results. */
export async function queryCommand(text: string, options: QueryOptions, output: Output, signal: AbortSignal): Promise<number> {
  const question = toQuestion(text, options);
  peerAddresses(options.bootstrap);
  const trust = options.trust === undefined ? undefined : await readTrust(options.trust);
  if (options.proof !== undefined) await writablePath('--proof', options.proof);
  const shown = await askAnyhow(question, options, trust, signal, output);
  if (options.proof !== undefined) await saveProofs(options.proof, shown.bundles, output);
  if (options.json) output.json(toJson(shown));
  else show(shown, output);
  return 0;
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
    return await askGateway(question, webAddress('--gateway', gateway ?? defaultGateway), trust, signal);
  } catch (error) {
    const absent = error instanceof ClientError && error.code === 'GATEWAY_UNREACHABLE';
    if (!absent || gateway !== undefined) throw error;
    return askDirectly(question, options, trust, signal, output);
  }
}

async function askGateway(question: Question, gateway: string, trust: Trust | undefined, signal: AbortSignal): Promise<Shown> {
  const client = openHttpClient({ gateway, ...(trust ? { trust } : {}) });
  const { results, answer, bundle } = await client.query(question, { signal });
  const { offer, snapshot, receiptHash, notProven } = answer;
  return {
    results,
    answers: [
      {
        index: offer.index,
        snapshot: { sequence: snapshot.manifest.sequence, at: new Date(snapshot.manifest.time).toISOString() },
        usage: { charge: bundle.receipt.charge, unit: offer.unit, receipt: receiptHash },
      },
    ],
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
    bootstrap: options.bootstrap ?? [],
    neighbours: async () => (await readRendezvous(rendezvous, '')).flatMap(({ addresses }) => addresses),
    ...(trust ? { trust } : {}),
  });
  try {
    await client.refresh(signal);
    await client.refresh(signal); // providers that a bootstrap node has told of are met in the second round
    if (options.bootstrap && client.offers().length === 0)
      throw new ClientError(
        'NO_PROVIDER',
        `no offer was found through ${options.bootstrap.join(', ')}; is that node running, and its index listed?`,
      );
    const { results, answers, notProven } = await client.query(question, {
      signal,
      onQuote: ({ most, couldLose, unit }) => tell(most, couldLose, unit, output),
    });
    return { results, answers, notProven, bundles: answers.map(({ bundle }) => bundle()) };
  } finally {
    await client.close();
  }
}

/** Said before the first voucher is signed. */
function tell(most: bigint, couldLose: bigint, unit: string, output: Output): void {
  if (most > 0n)
    output.note(
      `this costs at most ${most} ${unit}; to a provider that takes it and does not answer you could lose at most ${couldLose}`,
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

function toJson({ results, answers, notProven, bundles }: Shown): object {
  return { results, answers, notProven, proofs: bundles.length };
}

const PASSAGE_CHARACTERS_SHOWN = 600;

function show({ results, answers, notProven }: Shown, output: Output): void {
  if (results.length === 0) output.line('Nothing relevant enough was found; nothing was charged.');
  for (const result of results) {
    const { source } = result;
    const place = source ? `${source.document}${source.page === undefined ? '' : `, page ${source.page}`}` : result.id;
    output.line(
      `${String(result.rank).padStart(2)}. ${place}   relevance ${result.relevance.toFixed(2)}   ${result.index.split('@')[0]}`,
    );
    if (source?.context) output.line(`    ${source.context}`);
    const text =
      result.text.length > PASSAGE_CHARACTERS_SHOWN ? `${result.text.slice(0, PASSAGE_CHARACTERS_SHOWN)} …` : result.text;
    for (const line of wrap(text, Math.min(output.columns, 110), '    ')) output.line(line);
    output.line(
      `    licence ${result.licence ?? 'not stated'}, signed by ${result.signer.slice(0, 24)}… (${result.custody}), author ${result.author ?? 'not declared'}`,
    );
    output.line();
  }
  for (const { index, snapshot, usage } of answers) {
    output.line(
      `verified here: ${index}, snapshot ${snapshot.sequence} of ${snapshot.at}; charged ${usage.charge} ${usage.unit}; receipt ${usage.receipt}`,
    );
  }
  output.line(`not proven: ${notProven.join(', ')}`);
}
