import { readFile } from 'node:fs/promises';
import { TributaryError } from '@tributary/schemas';

const VARIABLE = 'TRIBUTARY_PASSWORDS';
const PASSWORDS_MAX = 100;

/**
 * Passwords of encrypted PDFs, one per line, from a file or the environment, because every process of the machine can
 * read a command line.
 *
 * @throws TributaryError USAGE when the file cannot be read or has too many lines
 */
export async function readPasswords(path: string | undefined, env: NodeJS.ProcessEnv): Promise<string[]> {
  const text = path === undefined ? (env[VARIABLE] ?? '') : await read(path);
  const lines = text.split(/\r?\n/).filter((line) => line !== '');
  if (lines.length > PASSWORDS_MAX)
    throw new TributaryError(
      'USAGE',
      `--password-file: at most ${PASSWORDS_MAX} passwords, one per line; it has ${lines.length}`,
    );
  return lines;
}

function read(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause: unknown) => {
    throw new TributaryError('USAGE', `--password-file ${path} cannot be read; give a text file with one password per line`, {
      cause,
    });
  });
}
