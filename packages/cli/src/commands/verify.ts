import { readFile } from 'node:fs/promises';
import { parseTrust, verifyBundle, type VerificationReport } from '@tributary/proof';
import { TributaryError, type Trust } from '@tributary/schemas';
import type { Output } from '../ui/output.ts';

/** Exit codes of `tributary verify`. */
const VERIFIED = 0;
const FAILED = 1;
const UNPINNED = 2;

/** `tributary verify FILE`: checks a proof file offline; 0 verified with pinned keys, 2 consistent but keys unpinned, 1 any failed check. */
export async function verifyCommand(file: string, options: { trust?: string; json?: boolean }, output: Output): Promise<number> {
  const bytes = await readFile(file).catch((cause) => {
    throw new TributaryError('USAGE', `the proof file ${file} cannot be read`, { cause });
  });
  const trust = options.trust === undefined ? undefined : await readTrust(options.trust);
  const report = verifyBundle(bytes, { now: Date.now(), ...(trust ? { trust } : {}) });
  if (options.json) output.json(toJson(report));
  else for (const line of describe(report, file)) output.line(line);
  if (!report.ok) return FAILED;
  return report.trusted ? VERIFIED : UNPINNED;
}

/** @throws TributaryError TRUST_FILE */
export async function readTrust(path: string): Promise<Trust> {
  try {
    return parseTrust(await readFile(path, 'utf8'));
  } catch (cause) {
    throw new TributaryError('TRUST_FILE', `the trust file ${path} cannot be used: ${(cause as Error).message}`, { cause });
  }
}

function toJson({ ok, trusted, pinned, failed, notProven, facts }: VerificationReport): object {
  return { ok, trusted, pinned, failed, notProven, facts };
}

function describe(report: VerificationReport, file: string): string[] {
  const { facts, failed, pinned, notProven } = report;
  if (failed || !facts) return [`FAILED  ${failed?.code}`, `        ${failed?.message}`, `        ${file} proves nothing.`];
  const verdict = report.trusted
    ? 'VERIFIED with pinned keys'
    : 'CONSISTENT, but keys are unpinned: pass --trust FILE to say whom you trust';
  return [
    verdict,
    `  index     ${facts.index}, snapshot ${facts.snapshot}`,
    `  question  ${facts.query === null ? '(a vector)' : JSON.stringify(facts.query)}`,
    `  answer    ${facts.results} results, ${facts.status}, ${new Date(facts.servedAt).toISOString()}`,
    `  charged   ${facts.charge} ${facts.unit}`,
    `  provider  ${facts.provider} (log ${word(pinned.log)})`,
    ...facts.signers.map((signer) => `  signer    ${signer} (${word(pinned.signers)})`),
    ...(facts.payee === null ? [] : [`  payee     ${facts.payee} (${word(pinned.payee)})`]),
    `  receipt   ${facts.receiptHash}`,
    `  NOT proven: ${notProven.join(', ')}`,
  ];
}

const word = (pinned: boolean | null): string => (pinned === null ? 'none' : pinned ? 'pinned' : 'unpinned');
