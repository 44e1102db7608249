import { readFile, stat, writeFile } from 'node:fs/promises';
import { parseTrust, verifyBundle } from '@tributary/proof';
import { TributaryError, type Trust } from '@tributary/schemas';
import { writablePath } from '../arguments.ts';
import { confirm } from '../ui/confirm.ts';
import type { Output } from '../ui/output.ts';

export interface TrustOptions {
  log?: string[];
  signer?: string[];
  payee?: string[];
  proof?: string;
  yes?: boolean;
}

/** Asks a person; true for yes. Tests answer instead. */
export type Ask = (question: string) => Promise<boolean>;

type Keys = Pick<Trust, 'logs' | 'signers' | 'payees'>;
const ROLES = { logs: 'owns the log of the index', signers: 'signed the results', payees: 'is paid' } as const;

/**
 * `tributary trust FILE`: creates a trust file from keys that a person has compared with their owners. Keys on the
 * command line count as compared; those of a proof are confirmed one by one. An existing file is never overwritten.
 */
export async function trustCommand(file: string, options: TrustOptions, output: Output, ask: Ask = confirm): Promise<number> {
  await writablePath('FILE', file);
  await refuseExisting(file); // before a person starts comparing
  const given: Keys = { logs: options.log ?? [], signers: options.signer ?? [], payees: options.payee ?? [] };
  checkKeys(given);
  const compared = join(given, options.proof === undefined ? NONE : await compare(options, output, ask));
  const trust = toTrust(compared);
  if (Object.values(compared).every((keys) => keys.length === 0))
    throw new TributaryError(
      'USAGE',
      'no key was given: give keys with --log, --signer and --payee, or those of a proof with --proof FILE',
    );
  output.note(`${file} will say:`);
  for (const line of JSON.stringify(trust, null, 2).split('\n')) output.note(`  ${line}`);
  if (!options.yes && !(await ask('Did you get these keys from their owner, and write the file?')))
    throw new TributaryError('CANCELLED', 'nothing was written');
  await write(file, trust);
  output.line(`written to ${file}; use it with: tributary query "…" --trust ${file}`);
  return 0;
}

/** The keys of a proof that a person confirms to have compared. */
async function compare(options: TrustOptions, output: Output, ask: Ask): Promise<Keys> {
  if (options.yes)
    throw new TributaryError(
      'USAGE',
      '--yes works only with keys that you name; those of a proof must be confirmed one by one, because its maker chose them',
    );
  const path = options.proof!;
  const bytes = await readFile(path).catch((cause) => {
    throw new TributaryError('USAGE', `the proof file ${path} cannot be read`, { cause });
  });
  const { failed, facts } = verifyBundle(bytes, { now: Date.now() });
  if (failed || !facts) throw new TributaryError('USAGE', `${path} proves nothing: ${failed?.message} (${failed?.code})`);
  output.note(
    `Keys of an answer from ${facts.index}. Compare each with what its owner tells you over another channel, such as a website or a call;`,
  );
  output.note('an owner finds them with: tributary balance --role provider --json');
  const found: Keys = { logs: [facts.provider], signers: [...facts.signers], payees: facts.payee === null ? [] : [facts.payee] };
  const compared: Keys = { logs: [], signers: [], payees: [] };
  for (const member of ['logs', 'signers', 'payees'] as const)
    for (const key of found[member]) {
      output.note(`  ${key} ${ROLES[member]}`);
      if (await ask('  Is it the key that its owner told you?')) compared[member].push(key);
    }
  return compared;
}

const NONE: Keys = { logs: [], signers: [], payees: [] };

function join(one: Keys, other: Keys): Keys {
  const both = (member: keyof Keys) => [...new Set([...one[member], ...other[member]])];
  return { logs: both('logs'), signers: both('signers'), payees: both('payees') };
}

const toTrust = (keys: Keys): Trust => ({
  v: 1,
  type: 'tributary/trust',
  signers: keys.signers,
  logs: keys.logs,
  payees: keys.payees,
  witnesses: [],
  quorum: 0,
});

/** @throws TributaryError USAGE with the invalid key */
function checkKeys(keys: Keys): void {
  for (const member of ['logs', 'signers', 'payees'] as const)
    for (const key of keys[member]) {
      try {
        parseTrust(JSON.stringify({ ...toTrust(NONE), [member]: [key] }));
      } catch (cause) {
        throw new TributaryError('USAGE', `the key '${key}' cannot be used: ${(cause as Error).message}`, { cause });
      }
    }
}

async function write(file: string, trust: Trust): Promise<void> {
  try {
    await writeFile(file, `${JSON.stringify(trust, null, 2)}\n`, { flag: 'wx' });
  } catch (cause) {
    throw (cause as NodeJS.ErrnoException).code === 'EEXIST' ? exists(file) : cause;
  }
}

async function refuseExisting(file: string): Promise<void> {
  const found = await stat(file).catch(() => null);
  if (found) throw exists(file);
}

const exists = (file: string): TributaryError =>
  new TributaryError('USAGE', `${file} exists already and is not overwritten; choose another file, or add the keys by hand`);
