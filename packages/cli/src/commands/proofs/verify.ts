import { readFile } from 'node:fs/promises';
import { isEmbeddingProof, verifyBundle, verifyEmbeddingBundle, type Unpinned, type VerificationReport } from '@tributary/proof';
import { TributaryError, type Trust } from '@tributary/schemas';
import { readTrust } from '../../steps/trust-file.ts';
import { describeEmbeddings } from '../../ui/describe-embeddings.ts';
import type { Output } from '../../ui/output.ts';
import { verdict } from '../../ui/verdict.ts';

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
  if (isEmbeddingProof(bytes)) return verifyVectors(bytes, file, trust, options.json ?? false, output);
  const report = verifyBundle(bytes, { now: Date.now(), ...(trust ? { trust } : {}) });
  if (options.json) output.json(toJson(report));
  else for (const line of describe(report, file, trust !== undefined)) output.line(line);
  if (!report.ok) return FAILED;
  return report.trusted ? VERIFIED : UNPINNED;
}

/** Of sold vectors, or of the evidence that they are false. */
function verifyVectors(bytes: Uint8Array, file: string, trust: Trust | undefined, json: boolean, output: Output): number {
  const report = verifyEmbeddingBundle(bytes, { now: Date.now(), ...(trust ? { trust } : {}) });
  if (json) output.json(report);
  else for (const line of describeEmbeddings(report, file, trust !== undefined)) output.line(line);
  if (!report.ok) return FAILED;
  return report.trusted ? VERIFIED : UNPINNED;
}

function toJson({ ok, trusted, pinned, unpinned, failed, notProven, facts }: VerificationReport): object {
  return { ok, trusted, pinned, unpinned, failed, notProven, facts };
}

function describe(report: VerificationReport, file: string, trusting: boolean): string[] {
  const { facts, failed, unpinned, notProven } = report;
  if (failed || !facts) return [`FAILED  ${failed?.code}`, `        ${failed?.message}`, `        ${file} proves nothing.`];
  const word = (code: Unpinned['code'], key: string) =>
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
