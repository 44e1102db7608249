import type { RowOperation, Rows } from '@tributary/runtime';
import { amount, bundle, checkShape, count, embeddingBundle, hash } from '@tributary/schemas';
import { z } from 'zod';
import type { KeptFacts, NewAnswer, PaidProof } from './types.ts';

/** The part of a database of rows that kept answers use. */
export type KeptRows = Pick<Rows, 'get' | 'scan' | 'batch' | 'close'>;

/** Facts as stored, with the size of the proof in bytes. */
export type StoredFacts = KeptFacts & { bytes: number };

const factsSchema = z.strictObject({
  sale: z.string(),
  charge: amount,
  unit: z.string(),
  at: count,
  bytes: count,
  key: z.strictObject({ name: z.string(), question: hash }).nullable(),
  recovered: z.boolean(),
});
const proofSchema = z.union([bundle, embeddingBundle]);

// `facts/ACCOUNT/RECEIPT` and `proof/ACCOUNT/RECEIPT`: opening reads the small rows only. '0' follows '/'.
const FACTS = { gte: Buffer.from('facts/'), lt: Buffer.from('facts0') };
const OWN = '-';

const place = (account: string | null, receipt: string): string => `${account ?? OWN}/${receipt}`;
const factsKey = (account: string | null, receipt: string): Buffer => Buffer.from(`facts/${place(account, receipt)}`);
const proofKey = (account: string | null, receipt: string): Buffer => Buffer.from(`proof/${place(account, receipt)}`);

/** All facts, by account. @throws Error when a row cannot be read */
export async function loadFacts(rows: KeptRows): Promise<{ account: string | null; facts: StoredFacts }[]> {
  const all: { account: string | null; facts: StoredFacts }[] = [];
  for await (const [key, value] of rows.scan(FACTS)) {
    const [, account = '', receipt = ''] = key.toString().split('/');
    const facts = checkShape(factsSchema, JSON.parse(value.toString()), `kept answer ${receipt}`);
    all.push({ account: account === OWN ? null : account, facts: { ...facts, receipt: checkShape(hash, receipt, 'its row') } });
  }
  return all;
}

/** The rows of a new answer, and its facts. */
export function answerRows(
  account: string | null,
  { proof, ...answer }: NewAnswer,
  at: number,
): { facts: StoredFacts; rows: RowOperation[] } {
  const value = encodeProof(proof);
  const facts = { ...answer, at, bytes: value.length };
  return { facts, rows: [factsRow(account, facts), { key: proofKey(account, answer.receipt), value }] };
}

export function factsRow(account: string | null, { receipt, ...facts }: StoredFacts): RowOperation {
  return { key: factsKey(account, receipt), value: Buffer.from(JSON.stringify(facts)) };
}

export const goneRows = (account: string | null, receipt: string): RowOperation[] => [
  { key: factsKey(account, receipt), value: null },
  { key: proofKey(account, receipt), value: null },
];

/** @throws Error when the row cannot be read */
export function readProof(rows: KeptRows, account: string | null, receipt: string): PaidProof | null {
  const value = rows.get(proofKey(account, receipt));
  return value === undefined ? null : decodeProof(value);
}

const NEWLINE = 0x0a;

/** One line of JSON without the response, then the response, which as a JSON string would be escaped once more. */
function encodeProof(proof: PaidProof): Buffer {
  const { response } = proof;
  return Buffer.from(`${JSON.stringify({ ...proof, response: '' })}\n${response}`);
}

function decodeProof(value: Buffer): PaidProof {
  const end = value.indexOf(NEWLINE);
  const rest = JSON.parse(value.toString('utf8', 0, end)) as object;
  return checkShape(proofSchema, { ...rest, response: value.toString('utf8', end + 1) }, 'kept answer');
}
