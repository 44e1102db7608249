import { Option, type Command } from 'commander';
import type { Output } from '../../ui/output.ts';

const repeated = (flags: string, what: string) =>
  new Option(flags, `${what}; may be repeated`).argParser((value: string, before: string[] | undefined) => [
    ...(before ?? []),
    value,
  ]);

/** The commands of `tributary key`. */
export function describeKeys(key: Command, output: Output, exit: (code: number) => void): void {
  const own = ['--data <dir>', 'folder that the node was started with (default: that of tributary start)'] as const;
  const json = ['--json', 'print JSON'] as const;
  const sub = (usage: string, what: string) =>
    key
      .command(usage)
      .description(what)
      .option(...own)
      .option(...json)
      .exitOverride();
  sub('create', 'create a key and show it once; without options it may do everything')
    .option('--name <text>', 'what it is for')
    .addOption(repeated('--permission <list>', 'read, write or admin'))
    .addOption(repeated('--index <pattern>', "index name, name@fingerprint, or a prefix such as 'rivers-*'"))
    .option('--budget <credits>', 'most that it may spend in total')
    .option('--budget-per-day <credits>', 'most that it may spend in a day (UTC)')
    .option('--rate <calls>', 'calls a minute')
    .option('--burst <calls>', 'calls at once (default: those of a minute)')
    .option('--expires <when>', 'a span such as 30d, or a date')
    .option('--writer <did>', 'did:key of the writer that it writes as')
    .action(async (options) => exit(await (await import('./key.ts')).createKeyCommand(options, output)));
  sub('list', 'what each key may do, and what it has spent').action(async (options) =>
    exit(await (await import('./key.ts')).listKeysCommand(options, output)),
  );
  sub('rotate <id>', 'give a key a new secret; the old one stops working at once').action(async (id, options) =>
    exit(await (await import('./key.ts')).rotateKeyCommand(id, options, output)),
  );
  sub('revoke <id>', 'revoke a key at once and for good').action(async (id, options) =>
    exit(await (await import('./key.ts')).revokeKeyCommand(id, options, output)),
  );
}
