import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { TributaryError } from '@tributary/schemas';

/**
 * Certificate chain and private key of a server; null when neither is named.
 *
 * @throws TributaryError USAGE when only one is named, or they do not match
 */
export async function readTls(cert: string | undefined, key: string | undefined): Promise<{ cert: Buffer; key: Buffer } | null> {
  if (cert === undefined && key === undefined) return null;
  if (cert === undefined || key === undefined) throw new TributaryError('USAGE', '--tls-cert and --tls-key go together');
  const pair = { cert: await read('--tls-cert', cert), key: await read('--tls-key', key) };
  try {
    createSecureContext(pair);
  } catch (cause) {
    const message = `--tls-cert ${cert} and --tls-key ${key} are not a certificate and its private key, both in PEM`;
    throw new TributaryError('USAGE', message, { cause });
  }
  return pair;
}

function read(option: string, path: string): Promise<Buffer> {
  return readFile(path).catch((cause: NodeJS.ErrnoException) => {
    throw new TributaryError('USAGE', `${option} ${path} cannot be read (${cause.code ?? cause.message})`, { cause });
  });
}
