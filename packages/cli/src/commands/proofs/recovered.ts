import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ClientError } from '@tributary/client/http';
import { defaultGateway, peerAddresses, webAddress } from '../../arguments.ts';
import { recoveredAtGateway } from '../../steps/recovered/at-gateway.ts';
import type { RecoveredSource } from '../../steps/recovered/types.ts';
import type { Output } from '../../ui/output.ts';

interface RecoveredOptions {
  save?: string;
  gateway?: string;
  bootstrap?: string[];
  data?: string;
  json?: boolean;
}

/** `tributary recovered`: lists the answers that were paid and that nobody got, or saves and forgets them. */
export async function recoveredCommand(options: RecoveredOptions, output: Output, signal: AbortSignal): Promise<number> {
  peerAddresses(options.bootstrap); // refused before anything is read
  const source = await open(options, signal);
  try {
    const answers = await source.list();
    const saved = [];
    for (const facts of answers) {
      const file = options.save === undefined ? null : await save(source, facts.receipt, options.save);
      saved.push({ ...facts, ...(file === null ? {} : { file }) });
    }
    if (options.json) output.json(saved);
    else for (const line of describe(saved)) output.line(line);
    return 0;
  } finally {
    await source.close();
  }
}

function describe(answers: Awaited<ReturnType<RecoveredSource['list']>>): string[] {
  if (answers.length === 0) return ['every answer that was paid reached its caller'];
  return answers.flatMap(({ receipt, sale, charge, unit, at, key }) => [
    `${receipt}  ${at}`,
    `    ${sale}, ${charge} ${unit}${key === null ? '' : `, key ${key}`}`,
  ]);
}

/** The proof is on disk before the answer is forgotten. */
async function save(source: RecoveredSource, receipt: string, directory: string): Promise<string> {
  await mkdir(directory, { recursive: true });
  const file = join(directory, `${receipt}.json`);
  await writeFile(file, `${JSON.stringify(await source.proof(receipt), null, 2)}\n`, { mode: 0o600, flush: true });
  await source.forget(receipt);
  return file;
}

/** The gateway, as `tributary query` finds it, or the wallet that pays where there is none. */
async function open(options: RecoveredOptions, signal: AbortSignal): Promise<RecoveredSource> {
  if (options.data !== undefined || options.bootstrap !== undefined) return inWallet(options, signal);
  const named = options.gateway ?? process.env['TRIBUTARY_GATEWAY'];
  const address = webAddress('--gateway', named ?? defaultGateway);
  const source = recoveredAtGateway(address, signal);
  if (named !== undefined) return source;
  const absent = await source.list().then(
    () => false,
    (error: unknown) => error instanceof ClientError && error.code === 'GATEWAY_UNREACHABLE',
  );
  return absent ? inWallet(options, signal) : source;
}

/** Loads libp2p and a wallet only when they are needed. */
async function inWallet(options: RecoveredOptions, signal: AbortSignal): Promise<RecoveredSource> {
  const { recoveredInWallet } = await import('../../steps/recovered/in-wallet.ts');
  return recoveredInWallet(options, signal);
}
