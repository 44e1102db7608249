import {
  defaultPolicy,
  parsePolicy,
  readPolicy,
  rendezvousDirectory,
  startProvider,
  stderrLog,
  type Policy,
  type ProviderNode,
} from '@tributary/relay';
import { indexName, TributaryError } from '@tributary/schemas';
import type { Index, IngestReport } from '@tributary/store';
import { dataFolder, shippedModel } from '../folders.ts';
import { aborted } from '../ui/interrupt.ts';
import { printable, type Output } from '../ui/output.ts';
import { createProgress, duration } from '../ui/progress.ts';
import { describePublication } from './publish.ts';
import { tellParent } from './ready.ts';

export interface ProvideOptions {
  index: string;
  title?: string;
  description?: string;
  licence?: string;
  author?: string;
  price?: string;
  policy?: string;
  data?: string;
  listen?: string[];
  bootstrap?: string[];
  model?: string;
  publish?: boolean;
}

const REJECTED_SHOWN_MAX = 20;

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
  const provider = await startProvider({
    dataDirectory: dataFolder('provider', options.data),
    listen: options.listen ?? ['/ip4/127.0.0.1/tcp/0'],
    bootstrap: options.bootstrap ?? [],
    rendezvous: rendezvousDirectory(process.env),
    modelDirectory: options.model ?? shippedModel,
    policy: await policyOf(options),
    log: stderrLog(process.stderr, process.env, Date.now),
  });
  try {
    const index = await provider.openIndex(options.index, cardOf(options));
    await ingest(index, paths, provider, output, signal);
    await provider.refreshOffers();
    if (!signal.aborted) await announce(provider, index, options, output);
    await aborted(signal);
    output.note('stopping…');
  } finally {
    await provider.close();
  }
  return 0;
}

/** `--policy FILE`, with `--price` over it. */
async function policyOf(options: ProvideOptions): Promise<Policy> {
  const policy = options.policy === undefined ? defaultPolicy() : await readPolicy(options.policy);
  if (options.price === undefined) return policy;
  if (!/^\d{1,30}$/.test(options.price))
    throw new TributaryError('USAGE', `--price is a whole number of credits a query, not '${options.price}'`);
  return { ...policy, price: parsePolicy(JSON.stringify({ price: String(BigInt(options.price)) }), '--price').price };
}

function cardOf({ title, description, licence, author }: ProvideOptions) {
  return {
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    ...(licence === undefined ? {} : { licence }),
    ...(author === undefined ? {} : { author }),
  };
}

async function ingest(index: Index, paths: string[], provider: ProviderNode, output: Output, signal: AbortSignal): Promise<void> {
  if (paths.length === 0) return;
  const options = { ...provider.ingestOptions(index), signal };
  const plan = await index.plan(paths, options);
  const time = plan.seconds === null ? '' : `, ${duration(plan.seconds)} to embed at most`;
  output.note(
    `${plan.files} files, about ${plan.chunks} chunks${time}; chunks that are in the index already are not embedded again`,
  );
  const progress = createProgress('ingest', output);
  try {
    const report = await index.ingest(paths, options, ({ done, total, rate, secondsLeft }) =>
      progress.update({ done, total, note: `${Math.round(rate)} chunks/s`, secondsLeft }),
    );
    progress.stop();
    describeReport(report, output);
  } finally {
    progress.stop();
  }
}

function describeReport(report: IngestReport, output: Output): void {
  const { added, unchanged, removed } = report.chunks;
  const stopped = report.aborted ? 'stopped early; run it again to go on: ' : '';
  output.note(
    `${stopped}${report.documents} documents: ${added} chunks added, ${unchanged} unchanged, ${removed} removed, in ${duration(report.seconds)}`,
  );
  for (const { file, code, reason } of report.rejected.slice(0, REJECTED_SHOWN_MAX))
    output.note(`  left out ${printable(file)}: ${printable(reason)} (${code})`);
  if (report.rejectedCount > REJECTED_SHOWN_MAX) output.note(`  and ${report.rejectedCount - REJECTED_SHOWN_MAX} more`);
}

async function announce(provider: ProviderNode, index: Index, options: ProvideOptions, output: Output): Promise<void> {
  if (options.publish) {
    const preview = provider.publishPreview(options.index);
    for (const line of describePublication(preview)) output.note(line);
    await provider.publish(options.index);
  }
  const { id, records, visibility } = index.info();
  output.line(`serving ${id}: ${records} records, ${visibility}`);
  for (const address of provider.addresses()) output.line(`  at ${address}`);
  if (visibility === 'private') output.note(`nothing is announced; publish it with: tributary publish ${options.index}`);
  tellParent({ ready: 'provider', index: id, did: provider.keys.owner.did, addresses: provider.addresses() });
}
