import { once } from 'node:events';
import { join } from 'node:path';
import { openHeadStore } from '@tributary/client/heads';
import { createRemoteLibrary, createSpendCap, serveStdio, type Toolkit } from '@tributary/mcp';
import { ERROR_CODES, isTributaryError } from '@tributary/schemas';
import { credits, defaultGateway, webAddress } from '../arguments.ts';
import { dataFolder } from '../folders.ts';
import { guardOf, type AgentOptions } from '../steps/agents.ts';
import { keyOf } from '../steps/own-node.ts';
import { readTrust } from '../steps/trust-file.ts';
import { describeError } from '../ui/describe-error.ts';
import { aborted } from '../ui/interrupt.ts';
import type { Output } from '../ui/output.ts';

export interface McpOptions extends AgentOptions {
  gateway?: string;
  keyFile?: string;
  trust?: string;
  data?: string;
}

/**
 * `tributary mcp`: tools for an agent on standard input and output, over the node or gateway at `--gateway`. Ends with
 * its input. Answers of the network are verified here.
 */
export async function mcpCommand(options: McpOptions, output: Output, signal: AbortSignal): Promise<number> {
  const gateway = webAddress('--gateway', options.gateway ?? process.env['TRIBUTARY_GATEWAY'] ?? defaultGateway);
  const trust = options.trust === undefined ? null : await readTrust(options.trust);
  const session = createSpendCap(options.sessionCap === undefined ? null : credits('--session-cap', options.sessionCap));
  // The same heads as those of `tributary query`: a log must not go back between two sessions either.
  const heads = await openHeadStore(join(dataFolder('client', options.data), 'heads'), { shared: true });
  const note = (error: unknown): void => output.note(`tributary: ${describeError(error)}`);
  const toolkit: Toolkit = {
    library: createRemoteLibrary({ gateway, ...(await keyOf(options)), trust, now: Date.now, session, heads }),
    session,
    guard: guardOf(options, (reason) => output.note(`tributary: the guard did not judge: ${reason}`)),
    urlOf: (id) => new URL(`/read/${encodeURIComponent(id)}`, gateway).href,
    refusal(error) {
      if (!isTributaryError(error)) note(error);
      const code = isTributaryError(error) ? error.code : 'INTERNAL';
      const { http: status, retry } = ERROR_CODES[code];
      return { code, status, retry, message: isTributaryError(error) ? error.message : 'internal error' };
    },
  };
  const served = serveStdio({ writes: true, toolkit, onerror: note });
  await Promise.race([aborted(signal), once(process.stdin, 'close')]);
  await served.close();
  return 0;
}
