import { Command, CommanderError } from 'commander';
import { isTributaryError } from '@tributary/schemas';
import { describeAgents } from './agent-commands.ts';
import { describeKeys } from './commands/key/describe.ts';
import { describeWriters } from './commands/writer/describe.ts';
import { describeSold } from './commands/proofs/describe.ts';
import {
  bootstrap,
  data,
  device,
  gateway,
  gatewayOptions,
  keyFile,
  repeatable,
  listen,
  model,
  modelIdle,
  overGateway,
  rerankModel,
  sellEmbeddings,
  engine,
  graph,
  type Add,
  type Console,
  type Exit,
} from './options.ts';
import { describeMoney } from './money-commands.ts';
import { describeOwnIndexes } from './own-commands.ts';
import packageFile from '../package.json' with { type: 'json' };
import { interruptible } from './ui/interrupt.ts';
import { describeError } from './ui/describe-error.ts';
import { createOutput, type Output } from './ui/output.ts';

const USAGE = 2;
const INTERRUPTED = 130;
/** Mistakes on the command line itself. */
const USAGE_CODES: ReadonlySet<string> = new Set(['USAGE', 'INDEX_NAME', 'PATH_NOT_FOUND', 'POLICY_FILE', 'TRUST_FILE']);

/** Runs a command line; returns the exit code. An error becomes one line on stderr. */
export async function run(
  argv: string[],
  output: Output = createOutput(process.stdout, process.stderr),
  signal: AbortSignal = interruptible(),
): Promise<number> {
  const state = { code: 0 };
  const program = describe(output, signal, (code) => (state.code = code));
  try {
    await program.parseAsync(argv, { from: 'user' });
    return state.code;
  } catch (error) {
    // 2 is a result of `verify`, so a mistyped call of it must return something else.
    const wrongUse = argv[0] === 'verify' ? 1 : USAGE;
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : wrongUse;
    if (signal.aborted) {
      output.note('tributary: stopped');
      return INTERRUPTED;
    }
    // Several lines only for a trace.
    for (const line of `tributary: ${describeError(error)}`.split('\n')) output.note(line);
    return isTributaryError(error) && USAGE_CODES.has(error.code) ? wrongUse : 1;
  }
}

function describe(output: Output, signal: AbortSignal, exit: Exit): Command {
  const program = new Command('tributary')
    .description('Private vector indexes that anyone can query and pay for, with a proof for every answer.')
    .version(packageFile.version, '-V, --version', 'print the version')
    .configureOutput({
      writeOut: (text) =>
        text
          .trimEnd()
          .split('\n')
          .forEach((line) => output.line(line)),
      writeErr: (text) =>
        text
          .trimEnd()
          .split('\n')
          .forEach((line) => output.note(line)),
    })
    .exitOverride()
    .showHelpAfterError('(add --help for options and an example)');
  const add: Add = (usage, summary, example) =>
    program.command(usage).description(summary).addHelpText('after', `\nExample:\n  ${example}`).exitOverride();
  const shared = { add, output, signal, exit };
  describeNodes(shared);
  describeOwnIndexes(shared);
  describeQuestions(shared);
  describeAgents(shared);
  describeMoney(shared);
  describeSold(shared);
  describeWriters(
    add('writer', 'writers of your indexes besides you', 'tributary writer delegate did:key:z6Mk… --index notes'),
    output,
    exit,
  );
  describeKeys(add('key', 'API keys of programs that call a node', 'tributary key create --json'), output, exit);
  describeUpkeep(shared);
  return program;
}

function describeNodes({ add, output, signal, exit }: Console): void {
  add('start', 'run a gateway and two providers with real documents on this machine', 'tributary start --port 8787')
    .option('--port <port>', 'port of the gateway', '8787')
    .option(...rerankModel)
    .option(...modelIdle)
    .option(...data)
    .action(async (options) => exit(await (await import('./commands/start.ts')).startCommand(options, output, signal)));
  add(
    'provide [paths...]',
    'ingest documents and serve them',
    'tributary provide ./docs --index handbook --licence CC-BY-4.0 --price 5 --publish',
  )
    .requiredOption('--index <name>', 'name of the index')
    .option('--title <text>', 'title shown to clients')
    .option('--description <text>', 'description shown to clients')
    .option('--licence <text>', 'licence of the documents, for example CC-BY-4.0')
    .addOption(repeatable('--question <text>', 'question that the documents answer, an example for clients'))
    .option('--author <text>', 'author that new writes declare (default: the owner key)')
    .option('--price <credits>', 'price of a query in credits; 0 (default) is free')
    .option('--policy <file>', 'owner policy: price, allow-list, caps, what is sold (docs/guides/provider.md)')
    .option(...model)
    .addOption(device())
    .option(...modelIdle)
    .option('--publish', 'list the index: announce it, and sell from it')
    .option(...sellEmbeddings)
    .option(...engine)
    .addOption(graph())
    .option('--namespace <name>', 'namespace of the index that the documents go to')
    .option('--password-file <file>', 'passwords of encrypted PDFs, one per line (or in $TRIBUTARY_PASSWORDS)')
    .option('--metrics-port <port>', 'serve Prometheus metrics on this port of loopback')
    .option('--no-plan', 'do not count files and chunks first; starts faster when little has changed')
    .option(...data)
    .addOption(listen())
    .addOption(bootstrap())
    .action(async (paths, options) =>
      exit(await (await import('./commands/provide.ts')).provideCommand(paths, options, output, signal)),
    );
  gatewayOptions(add('gateway', 'run the HTTP gateway', 'tributary gateway --port 8787')).action(async (options) =>
    exit(await (await import('./commands/gateway.ts')).gatewayCommand(options, output, signal)),
  );
}

function describeQuestions({ add, output, signal, exit }: Console): void {
  add(
    'query <text>',
    'ask a question and verify the answer here: exit 0 with pinned keys, 3 with unpinned keys, 2 wrong use, 1 anything else',
    'tributary query "how do lifetimes work" --index rust -k 5 --proof answer.json',
  )
    .option('--index <name>', 'index name or name@fingerprint')
    .option('-k <count>', 'most results (default 10)')
    .option('--filter <json>', `metadata filter, for example '{"lang":{"$in":["en","de"]}}'`)
    .option('--mode <mode>', 'hybrid (default), dense or bm25; with --sparse, dense-sparse or sparse')
    .option('--sparse <json>', 'sparse vector of the question, as {"indices": [...], "values": [...]}')
    .option('--namespace <name>', 'namespace of the index')
    .option('--min-relevance <number>', 'leave out results below it, 0 to 1')
    .option('--dense-weight <number>', 'weight of the vectors in a hybrid score, 0 to 1')
    .option('--max-charge <credits>', 'refuse to pay more than this')
    .option(...gateway)
    .addOption(bootstrap())
    .option('--data <dir>', 'folder of log heads and, without a gateway, of the wallet; with --owner, of the provider')
    .option(
      '--owner',
      'ask your own index, listed or private, free of charge: proves the owner key of --data to a provider on this machine',
    )
    .option('--trust <file>', 'keys that you trust (tributary trust makes it): log and payee are checked before anything is paid')
    .option('--proof <file>', 'save the proof; further answers get a number before the suffix')
    .option('--json', 'print JSON')
    .action(async (text, options) =>
      exit(await (await import('./commands/query.ts')).queryCommand(text, options, output, signal)),
    );
  add(
    'verify <file>',
    'check a proof file offline: exit 0 verified with pinned keys, 2 consistent but keys unpinned, 1 anything else',
    'tributary verify answer.json --trust trust.json',
  )
    .option('--trust <file>', 'keys that you trust (docs/spec/bundle.md)')
    .option('--json', 'print JSON')
    .action(async (file, options) =>
      exit(await (await import('./commands/proofs/verify.ts')).verifyCommand(file, options, output)),
    );
  add(
    'trust <file>',
    'create a trust file from keys that you have compared with their owner',
    'tributary trust trust.json --proof answer.json',
  )
    .option('--proof <file>', 'ask for each key of this proof')
    .addOption(repeatable('--log <did>', 'owner whose logs you accept'))
    .addOption(repeatable('--signer <did>', 'signer whose results you accept'))
    .addOption(repeatable('--payee <address>', 'address that may be paid'))
    .option('-y, --yes', 'do not ask; for keys that you name')
    .action(async (file, options) => exit(await (await import('./commands/trust.ts')).trustCommand(file, options, output)));
  add('indexes', 'list the indexes that a gateway knows', 'tributary indexes')
    .option(...gateway)
    .option('--json', 'print JSON')
    .action(async (options) => exit(await (await import('./commands/indexes.ts')).indexesCommand(options, output, signal)));
}

function describeUpkeep({ add, output, signal, exit }: Console): void {
  add('documents', 'list the documents of an index', 'tributary documents --index handbook')
    .requiredOption('--index <name>', 'name of the index')
    .option('--namespace <name>', 'namespace of the documents, with --gateway')
    .option(...data)
    .option(...overGateway)
    .option(...keyFile)
    .option('--json', 'print JSON')
    .action(async (options) => exit(await (await import('./commands/documents.ts')).documentsCommand(options, output)));
  add('delete', 'delete a document of an index, or the index', 'tributary delete --index handbook --document drafts/plan.md')
    .requiredOption('--index <name>', 'name of the index')
    .option('--document <path>', 'the document, as `tributary documents` names it; without it the whole index goes')
    .option('--namespace <name>', 'namespace of the document')
    .option('-y, --yes', 'do not ask')
    .option(...data)
    .option(...overGateway)
    .option(...keyFile)
    .action(async (options) => exit(await (await import('./commands/delete.ts')).deleteCommand(options, output)));
  add('backup <dir>', "copy a node's data folder, keys included, also while it runs", 'tributary backup /mnt/backup/provider')
    .option('--role <role>', 'provider, gateway, node or client', 'provider')
    .option(...data)
    .action(async (target, options) => exit(await (await import('./commands/backup.ts')).backupCommand(target, options, output)));
  add(
    'restore [backup]',
    'create a provider from a backup, as a rehearsal that is announced to nobody until --go-live',
    'tributary restore /mnt/backup/provider --data ./rehearsal',
  )
    .option('--go-live', 'the restored copy replaces the original from its next start on')
    .option('-y, --yes', 'do not ask')
    .option(...data)
    .action(async (backup, options) =>
      exit(await (await import('./commands/restore.ts')).restoreCommand(backup, options, output)),
    );
  add('check', "verify everything on a provider's disk", 'tributary check')
    .option(...data)
    .option('--json', 'print JSON')
    .action(async (options) => exit(await (await import('./commands/check.ts')).checkCommand(options, output)));
  add(
    'eval',
    'measure ranking quality: NDCG@10, recall, graph against exact search',
    'tributary eval --corpus corpus.jsonl --queries queries.jsonl --qrels qrels.tsv',
  )
    .requiredOption('--queries <file>', 'queries.jsonl in BEIR layout')
    .requiredOption('--qrels <file>', 'qrels.tsv in BEIR layout')
    .option('--corpus <path>', 'documents to ingest into the index first')
    .option('--off-topic <file>', 'questions that the documents do not answer, in the layout of queries.jsonl')
    .option('--index <name>', 'index to measure', 'eval')
    .option(...model)
    .addOption(device())
    .option(...data)
    .option('--json', 'print JSON')
    .action(async (options) => exit(await (await import('./commands/eval.ts')).evalCommand(options, output, signal)));
}
