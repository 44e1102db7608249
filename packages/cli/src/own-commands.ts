import { describeImports } from './commands/import/describe.ts';
import {
  device,
  engine,
  gateway,
  gatewayOptions,
  graph,
  imports,
  keyFile,
  model,
  rerankModel,
  sellEmbeddings,
  type Console,
} from './options.ts';

/** Commands of a node: its own indexes. */
export function describeOwnIndexes({ add, output, signal, exit }: Console): void {
  gatewayOptions(
    add(
      'node',
      'run a provider and a gateway in one process: your own indexes over HTTP, and the network',
      'tributary node --data ./node --port 8787',
    ),
  )
    .option(...model)
    .addOption(device())
    .option(...rerankModel)
    .option(...sellEmbeddings)
    .option(...engine)
    .addOption(graph())
    .addOption(imports())
    .action(async (options) => exit(await (await import('./commands/node.ts')).nodeCommand(options, output, signal)));
  const index = add('index', "create, list and delete a node's own indexes", 'tributary index create notes');
  index
    .command('create <name>')
    .description('create a private index')
    .option('--model <id>', "the node's embedding model (default, unless a dimension is given)")
    .option('--dimension <number>', 'for vectors that you compute yourself')
    .option('--metric <metric>', 'cosine (default), dotproduct or euclidean')
    .option('--vectors <kinds>', 'dense (default), sparse or both; with sparse ones, the metric is dotproduct')
    .option('--title <text>', 'title shown to clients once it is published')
    .option('--json', 'print JSON')
    .option(...gateway)
    .option(...keyFile)
    .exitOverride()
    .action(async (name, options) =>
      exit(await (await import('./commands/own-index.ts')).createIndexCommand(name, options, output, signal)),
    );
  index
    .command('list')
    .description("list the node's own indexes")
    .option('--json', 'print JSON')
    .option(...gateway)
    .option(...keyFile)
    .exitOverride()
    .action(async (options) => exit(await (await import('./commands/own-index.ts')).listIndexesCommand(options, output, signal)));
  index
    .command('delete <name>')
    .description('delete an index with all its records, for good')
    .option('-y, --yes', 'do not ask')
    .option(...gateway)
    .option(...keyFile)
    .exitOverride()
    .action(async (name, options) =>
      exit(await (await import('./commands/own-index.ts')).deleteIndexCommand(name, options, output, signal)),
    );
  describeOwnRecords({ add, output, signal, exit });
}

function describeOwnRecords({ add, output, signal, exit }: Console): void {
  add(
    'upsert <files...>',
    'write records of JSONL files to an own index of a node, and upload other files as its documents',
    'tributary upsert notes.jsonl report.pdf --index notes',
  )
    .requiredOption('--index <name>', 'name of the index')
    .option('--namespace <name>', 'namespace of the index')
    .option('--documents', 'JSONL files are documents, too: one a line, with text and metadata')
    .option(...gateway)
    .option(...keyFile)
    .action(async (files, options) =>
      exit(await (await import('./commands/upsert.ts')).upsertCommand(files, options, output, signal)),
    );
  describeImports(
    add(
      'import',
      'copy the records of another vector store, or of a file, into an own index: exit 0 all are there, 3 some are not, 2 wrong use, 1 anything else',
      'tributary import jsonl notes.jsonl --to notes',
    ),
    output,
    signal,
    exit,
  );
}
