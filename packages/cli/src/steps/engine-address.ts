import { readFile } from 'node:fs/promises';
import { TributaryError } from '@tributary/schemas';

const VARIABLE = 'TRIBUTARY_ENGINE_URL';
const ADDRESS = /^postgres(?:ql)?:\/\//;

/**
 * Address of PostgreSQL with pgvector for the graphs of new indexes: `--engine`, or else the environment. A password is
 * read from a file or the environment only, because every process of the machine can read a command line. No message
 * has the address.
 *
 * @param place `postgres://…` without a password, or the path of a file that has the whole address
 * @throws TributaryError USAGE
 */
export async function engineAddress(place: string | undefined, env: NodeJS.ProcessEnv): Promise<{ engineUrl?: string }> {
  if (place !== undefined && ADDRESS.test(place)) return { engineUrl: onCommandLine(place) };
  const text = place === undefined ? env[VARIABLE] : await read(place);
  if (text === undefined || text.trim() === '') return {};
  return { engineUrl: checked(text.trim(), place === undefined ? `$${VARIABLE}` : `--engine: the file ${place}`).href };
}

function onCommandLine(place: string): string {
  const url = checked(place, '--engine');
  if (url.password === '') return url.href;
  throw new TributaryError(
    'USAGE',
    `--engine has a password, which every process of this machine can read; put the address into $${VARIABLE}, or into a file: --engine FILE`,
  );
}

function checked(text: string, where: string): URL {
  const url = ADDRESS.test(text) && URL.canParse(text) ? new URL(text) : null;
  if (url !== null && url.host !== '') return url;
  throw new TributaryError('USAGE', `${where} is not an address such as postgres://user@host:5432/database`);
}

function read(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause: unknown) => {
    throw new TributaryError('USAGE', `--engine ${path}: neither an address (postgres://…) nor a readable file with one`, {
      cause,
    });
  });
}
