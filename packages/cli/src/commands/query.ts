import type { Question } from '@tributary/client';
import { ClientError } from '@tributary/client/http';
import type { Trust } from '@tributary/schemas';
import { defaultGateway, peerAddresses, webAddress, writablePath } from '../arguments.ts';
import { dataFolder } from '../folders.ts';
import type { Answers } from '../ui/answers.ts';
import { askGateway } from '../steps/query/ask-gateway.ts';
import { readQuestion, type QuestionOptions } from '../steps/query/question.ts';
import { saveProofs } from '../steps/query/save-proofs.ts';
import { readTrust } from '../steps/trust-file.ts';
import type { Output } from '../ui/output.ts';
import { answersAsJson, showAnswers } from '../ui/show-answers.ts';

export interface QueryOptions extends QuestionOptions {
  gateway?: string;
  bootstrap?: string[];
  data?: string;
  owner?: boolean;
  trust?: string;
  proof?: string;
  json?: boolean;
}

/**
 * Exit codes of `tributary query`. A refused answer is 1, and so is an unpinned key with --trust. A wrong command line
 * is 2.
 */
const PINNED = 0;
const UNPINNED = 3;

/**
 * `tributary query TEXT`: asks, pays, verifies here, and shows the results. Exit code 0 with pinned keys, 3 with
 * unpinned ones, even without results.
 */
export async function queryCommand(text: string, options: QueryOptions, output: Output, signal: AbortSignal): Promise<number> {
  const question = readQuestion(text, options);
  peerAddresses(options.bootstrap); // refused before anything is read or written
  const trust = options.trust === undefined ? undefined : await readTrust(options.trust);
  if (options.proof !== undefined) await writablePath('--proof', options.proof);
  const answers = await ask(question, options, { trust, signal, output });
  if (options.proof !== undefined) await saveProofs(options.proof, answers.bundles, output);
  if (options.json) output.json(answersAsJson(answers));
  else showAnswers(answers, output);
  return answers.pinned ? PINNED : UNPINNED;
}

/**
 * Asks providers if told to, otherwise a gateway. Also asks providers when no gateway was named and the default one is
 * not running.
 */
async function ask(
  question: Question,
  options: QueryOptions,
  context: { trust: Trust | undefined; signal: AbortSignal; output: Output },
): Promise<Answers> {
  if (options.owner || (options.bootstrap && options.bootstrap.length > 0)) return askDirectly(question, options, context);
  const named = options.gateway ?? process.env['TRIBUTARY_GATEWAY'];
  const address = webAddress('--gateway', named ?? defaultGateway);
  try {
    return await askGateway(question, address, { data: dataFolder('client', options.data), ...context });
  } catch (error) {
    const absent = error instanceof ClientError && error.code === 'GATEWAY_UNREACHABLE';
    if (!absent || named !== undefined) throw error;
    return askDirectly(question, options, context);
  }
}

/** Loads libp2p and a wallet only when they are needed. */
async function askDirectly(...asked: Parameters<(typeof import('../steps/query/ask-providers.ts'))['askProviders']>) {
  const { askProviders } = await import('../steps/query/ask-providers.ts');
  return askProviders(...asked);
}
