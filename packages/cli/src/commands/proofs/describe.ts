import { bootstrap, data, gateway, type Console } from '../../options.ts';

/** Commands about what a wallet was sold. */
export function describeSold({ add, output, signal, exit }: Console): void {
  add(
    'recovered',
    'answers that were paid and that nobody got, because their caller or a process was gone',
    'tributary recovered --save ./answers',
  )
    .option('--save <dir>', 'save each proof, which holds its answer, as RECEIPT.json; then it is forgotten')
    .option(...gateway)
    .addOption(bootstrap())
    .option('--data <dir>', 'folder of the wallet, if it is not that of a gateway')
    .option('--json', 'print JSON')
    .action(async (options) => exit(await (await import('./recovered.ts')).recoveredCommand(options, output, signal)));
  add('faults', 'providers that sold false vectors to a running gateway, and the evidence', 'tributary faults')
    .option('--forgive <did>', 'delete the evidence against this owner, and ask it for vectors again')
    .option(...data)
    .option('--json', 'print JSON')
    .action(async (options) => exit(await (await import('./faults.ts')).faultsCommand(options, output)));
}
