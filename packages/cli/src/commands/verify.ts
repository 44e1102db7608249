import { readFile } from 'node:fs/promises';
import { verifyBundle, type VerificationReport } from '@tributary/proof';
import { TributaryError } from '@tributary/schemas';
import { readTrust } from '../steps/trust-file.ts';
import type { Output } from '../ui/output.ts';
import { UNPINNED_ROLE } from '../ui/unpinned.ts';

/** Exit codes of `tributary verify`. */
const VERIFIED = 0;
const FAILED = 1;
const UNPINNED = 2;

/**
 * `tributary verify FILE`: checks a proof file offline. Exit code 0: verified with pinned keys, 2: consistent but keys
 * unpinned, 1: a check failed.
 */
export async function verifyCommand(file: string, options: { trust?: string; json?: boolean }, output: Output): Promise<number> {
  const bytes = await readFile(file).catch((cause) => {
    throw new TributaryError('USAGE', `the proof file ${file} cannot be read`, { cause });
  });
  const trust = options.trust === undefined ? undefined : await readTrust(options.trust);
  const report = verifyBundle(bytes, { now: Date.now(), ...(trust ? { trust } : {}) });
  if (options.json) output.json(toJson(report));
  else for (const line of describe(report, file, trust !== undefined)) output.line(line);
  if (!report.ok) return FAILED;
  return report.trusted ? VERIFIED : UNPINNED;
}

function toJson({ ok, trusted, pinned, unpinned, failed, notProven, facts }: VerificationReport): object {
  return { ok, trusted, pinned, unpinned, failed, notProven, facts };
}

/** The member of a trust file that lists a key, by the code for an unpinned key. */
const MEMBER = { LOG_UNPINNED: 'logs', PAYEE_UNPINNED: 'payees', SIGNER_UNPINNED: 'signers' } as const;

function describe(report: VerificationReport, file: string, trusting: boolean): string[] {
  const { facts, failed, unpinned, notProven } = report;
  if (failed || !facts) return [`FAILED  ${failed?.code}`, `        ${failed?.message}`, `        ${file} proves nothing.`];
  const word = (code: keyof typeof MEMBER, key: string) =>
    unpinned.some((one) => one.code === code && one.key === key) ? 'unpinned' : 'pinned';
  return [
    ...verdict(report, trusting),
    `  index     ${facts.index}, snapshot ${facts.snapshot}`,
    `  question  ${facts.query === null ? '(a vector)' : JSON.stringify(facts.query)}`,
    `  answer    ${facts.results} results, ${facts.status}, ${new Date(facts.servedAt).toISOString()}`,
    `  charged   ${facts.charge} ${facts.unit}`,
    `  provider  ${facts.provider} (log ${word('LOG_UNPINNED', facts.provider)})`,
    ...facts.signers.map((signer) => `  signer    ${signer} (${word('SIGNER_UNPINNED', signer)})`),
    ...(facts.payee === null ? [] : [`  payee     ${facts.payee} (${word('PAYEE_UNPINNED', facts.payee)})`]),
    `  receipt   ${facts.receiptHash}`,
    `  NOT proven: ${notProven.join(', ')}`,
  ];
}

function verdict({ trusted, unpinned }: VerificationReport, trusting: boolean): string[] {
  if (trusted) return ['VERIFIED with pinned keys'];
  if (!trusting) return ['CONSISTENT, but keys are unpinned: pass --trust FILE to say whom you trust'];
  return [
    'CONSISTENT, but keys are unpinned: the trust file does not list',
    ...unpinned.map(({ code, key }) => `  ${UNPINNED_ROLE[code].padEnd(9)} ${key} (under "${MEMBER[code]}")`),
  ];
}
