import { data, type Console } from './options.ts';

/** Commands about credit, books, and what is on sale. */
export function describeMoney({ add, output, exit }: Console): void {
  const credit = add(
    'credit',
    'let payers spend at your provider',
    'tributary credit grant 0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed 1000',
  );
  credit
    .command('grant <payer> <amount>')
    .description('give credit to a wallet')
    .option('--note <text>', 'why, for your own books')
    .option(...data)
    .exitOverride()
    .action(async (payer, amount, options) =>
      exit(await (await import('./commands/credit.ts')).grantCommand(payer, amount, options, output)),
    );
  credit
    .command('channels')
    .description('payment channels that payers opened with your provider')
    .option(...data)
    .option('--json', 'print JSON')
    .exitOverride()
    .action(async (options) => exit(await (await import('./commands/credit.ts')).channelsCommand(options, output)));
  credit
    .command('close <channel>')
    .description('close a channel: what was not charged goes back to its payer')
    .option('--role <role>', 'whose side: provider, or gateway for its own wallet', 'provider')
    .option(...data)
    .exitOverride()
    .action(async (channel, options) =>
      exit(await (await import('./commands/credit.ts')).closeChannelCommand(channel, options, output)),
    );
  add('ledger', "print a running provider's ledger, one entry per line with its hash", 'tributary ledger > ledger.jsonl')
    .option(...data)
    .action(async (options) => exit(await (await import('./commands/credit.ts')).ledgerCommand(options, output)));
  add('earnings', 'what each index of a running provider earned on each day', 'tributary earnings')
    .option(...data)
    .option('--json', 'print JSON')
    .action(async (options) => exit(await (await import('./commands/earnings.ts')).earningsCommand(options, output)));
  add('balance', 'what a running node earned, or was granted, spent and could lose', 'tributary balance --role provider')
    .option('--role <role>', 'gateway or provider', 'gateway')
    .option(...data)
    .option('--json', 'print JSON')
    .action(async (options) => exit(await (await import('./commands/balance.ts')).balanceCommand(options, output)));
  add('publish <index>', 'list an index, after showing what becomes public and asking', 'tributary publish handbook')
    .option('-y, --yes', 'do not ask')
    .option(...data)
    .action(async (index, options) => exit(await (await import('./commands/publish.ts')).publishCommand(index, options, output)));
  add('unpublish <index>', 'stop announcing an index', 'tributary unpublish handbook')
    .option(...data)
    .action(async (index, options) =>
      exit(await (await import('./commands/publish.ts')).unpublishCommand(index, options, output)),
    );
}
