import type { Command } from 'commander';
import { data } from '../../options.ts';
import type { Output } from '../../ui/output.ts';

/** The commands of `tributary writer`. */
export function describeWriters(writer: Command, output: Output, exit: (code: number) => void): void {
  const sub = (usage: string, what: string) =>
    writer
      .command(usage)
      .description(what)
      .option(...data)
      .option('--json', 'print JSON')
      .exitOverride();
  sub('create', 'make the key of a writer, which the node keeps and signs with on its behalf').action(async (options) =>
    exit(await (await import('./writer.ts')).createWriterCommand(options, output)),
  );
  sub('list', 'writers whose keys the node keeps, or the delegations of an index')
    .option('--index <name>', 'show its delegations, ended ones included')
    .action(async (options) => exit(await (await import('./writer.ts')).listWritersCommand(options, output)));
  sub('delegate <did>', 'let a writer sign writes of an index from now on')
    .requiredOption('--index <name>', 'name of the index')
    .option('--namespace <prefix>', 'only in namespaces that begin with it', '')
    .action(async (did, options) => exit(await (await import('./writer.ts')).delegateCommand(did, options, output)));
  sub('revoke <did>', 'end delegations to a writer; what it wrote before stays')
    .requiredOption('--index <name>', 'name of the index')
    .option('--namespace <prefix>', 'only the delegations of this prefix')
    .action(async (did, options) => exit(await (await import('./writer.ts')).revokeWriterCommand(did, options, output)));
}
