import { nodeCommand } from './commands/node.ts';
import { bootstrap, data, keyOption, listen, type Console } from './options.ts';

/** Commands of a node: its own indexes. */
export function describeOwnIndexes({ add, output, signal, exit }: Console): void {
  add(
    'node',
    'run a provider and a gateway in one process: your own indexes over HTTP, and the network',
    'tributary node --data ./node --port 8787',
  )
    .option('--port <port>', 'port; 0 takes any free one', '8787')
    .option('--host <host>', 'address to listen on; loopback only', '127.0.0.1')
    .option('--model <dir>', 'folder of the embedding model (default: the shipped model)')
    .addOption(keyOption('--allow <did>', 'owner whose priced indexes a question without --index may go to'))
    .option('--max-per-query <credits>', 'most that one query may cost')
    .option('--max-per-day <credits>', 'most that may be spent in a day')
    .option(...data)
    .addOption(listen())
    .addOption(bootstrap())
    .action(async (options) => exit(await nodeCommand(options, output, signal)));
}
