import type { RowOperation } from '@tributary/runtime';
import { ClientError } from '../errors.ts';
import { writeRefused } from '../write-refused.ts';
import { keptAnswersMax, keptBytesMax, keyKeepMs, recoveredKeepMs } from './limits.ts';
import { answerRows, factsRow, goneRows, readProof, type KeptRows, type StoredFacts } from './rows.ts';
import { overAll, type KeptPlace } from './room.ts';
import type { KeptAnswers, KeptFacts, PaidProof } from './types.ts';

interface Account {
  readonly id: string | null;
  readonly rows: () => Promise<KeptRows>;
  /** Unix milliseconds. */
  now(): number;
  /** By receipt, oldest first. */
  readonly all: Map<string, StoredFacts>;
  /** Those of every account. */
  readonly everybody: Map<string | null, Map<string, StoredFacts>>;
  /** Most bytes of all accounts together. */
  readonly bytesMax: number;
}

/**
 * The kept answers of one account.
 *
 * @param rows opens the rows that it shares with others
 * @param everybody gets the facts of this account, too
 */
export function createKeptAnswers({ stored, ...parts }: Omit<Account, 'all'> & { stored: StoredFacts[] }): KeptAnswers {
  const byAge = stored.toSorted((one, other) => one.at - other.at);
  const account: Account = { ...parts, all: new Map(byAge.map((facts) => [facts.receipt, facts])) };
  account.everybody.set(account.id, account.all);
  const valid = (): KeptFacts[] => [...account.all.values()].filter((facts) => !isOver(account, facts));
  return {
    keep: (answers) => keep(account, answers),
    under: (key) => valid().filter((facts) => facts.key?.name === key),
    recovered: () => valid().filter(({ recovered }) => recovered),
    proof: async (receipt) => (account.all.has(receipt) ? proofOf(account, receipt) : null),
    received: (receipt) => received(account, receipt),
    atWork: new Map(),
  };
}

async function keep(account: Account, answers: Parameters<KeptAnswers['keep']>[0]): Promise<void> {
  const { id, all } = account;
  const made = answers.map((answer) => answerRows(id, answer, account.now()));
  const facts = made.map((one) => one.facts);
  const fresh = new Set(facts.map(({ receipt }) => receipt));
  const after = [...[...all.values()].filter(({ receipt }) => !fresh.has(receipt)), ...facts];
  const own = new Set(overLimits(account, after));
  const within = new Map(after.filter(({ receipt }) => !own.has(receipt)).map((one) => [one.receipt, one]));
  const over: KeptPlace[] = [
    ...[...own].map((receipt) => ({ account: id, receipt })),
    ...overAll(new Map([...account.everybody, [id, within]]), account.bytesMax),
  ];
  const gone = over.flatMap((place) => goneRows(place.account, place.receipt));
  await write(account, [...made.flatMap(({ rows }) => rows), ...gone]);
  for (const one of facts) all.set(one.receipt, one);
  for (const place of over) account.everybody.get(place.account)?.delete(place.receipt);
}

/** What is over its time, or over the limits of the account. */
function overLimits(account: Account, all: StoredFacts[]): string[] {
  const over = all.filter((facts) => isOver(account, facts));
  const kept = all.filter((facts) => !over.includes(facts));
  let bytes = kept.reduce((sum, facts) => sum + facts.bytes, 0);
  let count = kept.length;
  // Sorting is stable, so each kind stays in the order of its age.
  for (const facts of kept.toSorted((one, other) => Number(one.recovered) - Number(other.recovered))) {
    if (count <= keptAnswersMax && bytes <= keptBytesMax) break;
    over.push(facts);
    count -= 1;
    bytes -= facts.bytes;
  }
  return over.map(({ receipt }) => receipt);
}

const isOver = ({ now }: Account, { at, recovered }: KeptFacts): boolean =>
  now() - at >= (recovered ? recoveredKeepMs : keyKeepMs);

async function received(account: Account, receipt: string): Promise<boolean> {
  const facts = account.all.get(receipt);
  if (!facts?.recovered) return false;
  if (facts.key === null) {
    await write(account, goneRows(account.id, receipt));
    account.all.delete(receipt);
  } else {
    const got = { ...facts, recovered: false };
    await write(account, [factsRow(account.id, got)]);
    account.all.set(receipt, got);
  }
  return true;
}

async function write({ rows }: Account, operations: RowOperation[]): Promise<void> {
  try {
    await (await rows()).batch(operations);
  } catch (cause) {
    throw writeRefused('the answer, which is kept beside the wallet and paid once,', cause);
  }
}

async function proofOf({ id, rows }: Account, receipt: string): Promise<PaidProof | null> {
  const opened = await rows();
  try {
    return readProof(opened, id, receipt);
  } catch (cause) {
    throw new ClientError('WALLET_DAMAGED', 'a kept answer cannot be read: its row is damaged', { cause });
  }
}
