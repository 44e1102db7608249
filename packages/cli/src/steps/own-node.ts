import { readFile } from 'node:fs/promises';
import { openHttpClient } from '@tributary/client/http';
import { TributaryError } from '@tributary/schemas';
import { defaultGateway, ownKey, webAddress } from '../arguments.ts';

export interface OwnNodeOptions {
  gateway?: string;
  /** A key comes from a file or the environment, because every process of the machine can read a command line. */
  keyFile?: string;
}

/** A client of the node at `--gateway`. @throws TributaryError USAGE when the file of the key cannot be read */
export async function openOwnNode({ gateway, keyFile }: OwnNodeOptions): Promise<ReturnType<typeof openHttpClient>> {
  const address = webAddress('--gateway', gateway ?? process.env['TRIBUTARY_GATEWAY'] ?? defaultGateway);
  return openHttpClient({ gateway: address, ...(await keyOf({ keyFile })) });
}

/** The API key for a node. @throws TributaryError USAGE when its file cannot be read */
export async function keyOf({ keyFile }: { keyFile?: string | undefined }): Promise<{ apiKey?: string }> {
  return keyFile === undefined ? ownKey(process.env) : { apiKey: await readKey(keyFile) };
}

async function readKey(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new TributaryError('USAGE', `--key-file ${path} cannot be read; give a text file that contains only the key`, {
      cause,
    });
  });
  return text.trim();
}
