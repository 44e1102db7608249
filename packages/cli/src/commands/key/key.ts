import type { ApiKeyInfo, ListedKey } from '@tributary/relay';
import { apiKeyId, TributaryError } from '@tributary/schemas';
import { dataFolder } from '../../folders.ts';
import type { Output } from '../../ui/output.ts';
import { askKeys } from './open-keys.ts';
import { describeKey } from './show.ts';
import { readTerms, type TermOptions } from './terms.ts';

interface KeyOptions {
  data?: string;
  json?: boolean;
}

interface Shown {
  key: string;
  info: ApiKeyInfo;
}

/** `tributary key create`: creates a key for a program and shows it once. */
export async function createKeyCommand(options: KeyOptions & TermOptions, output: Output): Promise<number> {
  const terms = readTerms(options, Date.now());
  show((await askKeys(folder(options), 'keyCreate', terms)) as Shown, options, output);
  return 0;
}

/** `tributary key list`: what each key may do, and what it has spent. */
export async function listKeysCommand(options: KeyOptions, output: Output): Promise<number> {
  const { keys } = (await askKeys(folder(options), 'keyList')) as { keys: ListedKey[] };
  if (options.json) output.json(keys);
  else if (keys.length === 0) output.line('There is no key yet: the node answers only programs on this machine, without a key.');
  else for (const line of keys.flatMap(describeKey)) output.line(line);
  return 0;
}

/** `tributary key rotate ID`: gives a key a new secret. The old one stops working at once. */
export async function rotateKeyCommand(id: string, options: KeyOptions, output: Output): Promise<number> {
  show((await askKeys(folder(options), 'keyRotate', { id: keyId(id) })) as Shown, options, output);
  return 0;
}

/** `tributary key revoke ID`: revokes a key at once and for good. */
export async function revokeKeyCommand(id: string, options: KeyOptions, output: Output): Promise<number> {
  const { info } = (await askKeys(folder(options), 'keyRevoke', { id: keyId(id) })) as { info: ApiKeyInfo };
  if (options.json) output.json(info);
  else output.line(`revoked ${info.id} (${info.name}); it is refused from now on`);
  return 0;
}

function show({ key, info }: Shown, options: KeyOptions, output: Output): void {
  if (options.json) return output.json({ key, ...info });
  output.line(key);
  output.note('Store it now: it is shown only once. Programs send it as Authorization: Bearer KEY, or as Api-Key: KEY.');
  for (const line of describeKey(info)) output.note(line);
}

/**
 * The public part of a key, given that part or the whole key.
 *
 * @throws TributaryError USAGE
 */
function keyId(text: string): string {
  const id = /^trib_([a-z2-7]{16})(?:_|$)/.exec(text)?.[1] ?? text;
  if (apiKeyId.safeParse(id).success) return id;
  throw new TributaryError('USAGE', 'ID is the 16 characters that tributary key list shows at the start of a line');
}

const folder = ({ data }: KeyOptions): string => dataFolder('start', data);
