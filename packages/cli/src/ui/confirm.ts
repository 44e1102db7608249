import { createInterface } from 'node:readline/promises';
import { TributaryError } from '@tributary/schemas';

/**
 * Asks a person on the terminal; true only for a plain yes.
 *
 * @param question without the possible answers, for example `Publish?`
 * @throws TributaryError USAGE without a terminal; consent is then given with `--yes`
 */
export async function confirm(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) throw new TributaryError('USAGE', `this asks "${question}" on a terminal; elsewhere give --yes`);
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await prompt.question(`${question} [y/N] `)).trim());
  } finally {
    prompt.close();
  }
}
