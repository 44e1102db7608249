import { gateway, guard, guardFail, keyFile, sessionCap, type Console } from './options.ts';

/** The command that an agent's program starts. */
export function describeAgents({ add, output, signal, exit }: Console): void {
  add(
    'mcp',
    'tools for an agent (Model Context Protocol) on standard input and output, over a node or gateway',
    'tributary mcp --session-cap 100',
  )
    .option(...gateway)
    .option(...keyFile)
    .option('--trust <file>', 'keys that you trust: answers of others are refused')
    .option('--data <dir>', 'folder of the log heads that earlier sessions saw')
    .option(...sessionCap)
    .option(...guard)
    .addOption(guardFail())
    .action(async (options) => exit(await (await import('./commands/mcp.ts')).mcpCommand(options, output, signal)));
}
