import type { KeptAnswers, Purse, Wallet } from '@tributary/client';
import { ERROR_CODES, indexId, isTributaryError, type ErrorCode } from '@tributary/schemas';
import type { Reservation } from '../api-keys/budgets.ts';
import type { Caller } from '../api-keys/types.ts';
import type { GatewayDeps } from './types.ts';

/** The result of a question: charges by index, and the parts that failed while others answered. */
export interface Outcome {
  charges: { index: string; charge: string }[];
  failed: { index: string; code: ErrorCode }[];
}

/** Who pays for a question. */
export interface Payer {
  caller: Caller;
  /** The account of the caller's key. Without it, the gateway's own wallet pays. */
  wallet?: Wallet;
  /** Where the answers of the account are kept. */
  kept?: KeptAnswers;
}

/**
 * The account of a key pays for its questions. The gateway itself pays for callers that need no key.
 *
 * @throws ClientError WALLET_DAMAGED
 */
export async function payerOf(caller: Caller, { accounts, kept }: Pick<GatewayDeps, 'accounts' | 'kept'>): Promise<Payer> {
  if (caller.key === null || accounts === undefined) return { caller };
  return { caller, wallet: await accounts.of(caller.key), ...(kept === undefined ? {} : { kept: kept(caller.key) }) };
}

/** Refusals with which the provider itself says that it may have charged, or cannot know. */
const UNCERTAIN: ReadonlySet<ErrorCode> = new Set(['INTERNAL', 'LEDGER_WRITE', 'TICKET_OVER']);

/**
 * Asks a question that is paid from its caller's budget (docs/spec/api-keys.md#budgets). What it may cost is set aside
 * before anything is signed. What was certainly not charged is given back when it ends.
 *
 * @throws RelayError API_KEY_SCOPE, API_KEY_BUDGET; StoreError DISK_WRITE; the errors of `ask`
 */
export async function spend<T>(
  { caller, wallet, kept }: Payer,
  ask: (purse: Purse) => Promise<T>,
  outcome: (result: T) => Outcome,
): Promise<T> {
  const most = new Map<string, bigint>();
  const signed = new Set<string>();
  const charged = new Map<string, bigint>();
  let reservation: Reservation | null = null;
  const lost = (index: string, code: ErrorCode): bigint => (signed.has(index) && mayBeCharged(code) ? most.get(index)! : 0n);
  let reserved = 0n;
  const purse: Purse = {
    ...(wallet === undefined ? {} : { wallet }),
    ...(kept === undefined ? {} : { kept }),
    async admit(parts) {
      for (const part of parts) {
        if (indexId.safeParse(part.index).success) caller.require('read', part.index);
        else caller.require('read'); // vectors of a model, which belong to no index
        most.set(part.index, part.most);
      }
      const all = sum(parts.map((part) => part.most));
      if (all > 0n) reservation = await caller.reserve(all);
      reserved = all;
    },
    mostLocked() {
      const left = caller.left();
      return left === null ? null : left + reserved;
    },
    signed: (index) => void signed.add(index),
    charged: (index, charge) => void charged.set(index, charge),
  };
  const settle = (spent: bigint): void => reservation?.settle(spent);
  try {
    const result = await ask(purse);
    const { charges, failed } = outcome(result);
    settle(sum([...charges.map(({ charge }) => BigInt(charge)), ...failed.map(({ index, code }) => lost(index, code))]));
    return result;
  } catch (error) {
    const code = isTributaryError(error) ? error.code : 'INTERNAL';
    settle(sum([...most.keys()].map((index) => charged.get(index) ?? lost(index, code))));
    throw error;
  }
}

/** A provider that refused charges nothing. Any other end of a question may hide an answer. */
function mayBeCharged(code: ErrorCode): boolean {
  return UNCERTAIN.has(code) || ['client', 'proof'].includes(ERROR_CODES[code].area);
}

const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((total, amount) => total + amount, 0n);
