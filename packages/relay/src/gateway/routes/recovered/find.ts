import type { RecoveredAnswer, RecoverOptions } from '@tributary/client';
import type { GatewayResult } from '@tributary/schemas';
import type { Caller } from '../../../api-keys/types.ts';
import { RelayError } from '../../../errors.ts';
import type { Proof } from '../../proof-files.ts';
import { payerOf } from '../../spend.ts';
import type { GatewayDeps } from '../../types.ts';

type RecoveredDeps = Pick<GatewayDeps, 'client' | 'accounts' | 'kept'>;

/** An answer that was paid and that nobody got, with its proof. */
export interface Recovered {
  facts: RecoveredAnswer;
  /** Null for vectors. */
  results: GatewayResult[] | null;
  proof: Proof;
}

/**
 * The answers that the caller's account paid and nobody got.
 *
 * @throws ClientError WALLET_DAMAGED
 */
export async function listRecovered(
  deps: RecoveredDeps,
  caller: Caller,
  how: Pick<RecoverOptions, 'ask'> = {},
): Promise<RecoveredAnswer[]> {
  const { caller: _, ...account } = await payerOf(caller, deps);
  return deps.client.recovered({ ...account, ...how });
}

/** @throws RelayError PROOF_NOT_FOUND; ClientError WALLET_DAMAGED */
export async function readRecovered(deps: RecoveredDeps, receipt: string, caller: Caller): Promise<Recovered> {
  const facts = await find(deps, receipt, caller);
  const [proof, results] = await Promise.all([facts.proof(), facts.results()]);
  if (proof === null) throw unknown(receipt);
  return { facts, results, proof };
}

/** Forgets an answer that its caller has now. @throws RelayError PROOF_NOT_FOUND; ClientError WALLET_WRITE */
export async function forgetRecovered(deps: RecoveredDeps, receipt: string, caller: Caller): Promise<void> {
  const facts = await find(deps, receipt, caller);
  if (!(await facts.received())) throw unknown(receipt);
}

async function find(deps: RecoveredDeps, receipt: string, caller: Caller): Promise<RecoveredAnswer> {
  const found = (await listRecovered(deps, caller, { ask: false })).find((one) => one.receipt === receipt);
  if (found === undefined) throw unknown(receipt);
  return found;
}

const unknown = (receipt: string): RelayError =>
  new RelayError('PROOF_NOT_FOUND', `no recovered answer with the receipt ${receipt} is kept for this account`);
