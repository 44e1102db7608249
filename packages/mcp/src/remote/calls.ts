import { exchange, type GatewayCalls } from '@tributary/client/http';
import {
  bundle,
  checkShape,
  fetchReply,
  gatewayCredit,
  gatewayIndexes,
  isTributaryError,
  ownIndex,
  writeReply,
  type Bundle,
  type FetchReply,
  type Trust,
  type WriteReply,
} from '@tributary/schemas';
import { z } from 'zod';
import type { Library, Place } from '../library.ts';
import { remoteWriteTimeoutMs } from '../limits.ts';

export interface GatewayAccess extends GatewayCalls {
  /** Keys that are trusted: answers of others are refused. Null: results say that nobody is pinned. */
  trust: Trust | null;
  now(): number;
}

const withOwn = z.object({ ...gatewayIndexes.shape, own: z.array(ownIndex).default([]) });

export async function listedIndexes(calls: GatewayAccess): ReturnType<Library['indexes']> {
  const { indexes, own } = checkShape(withOwn, await exchange(calls, '/v1/indexes', null), "the gateway's list of indexes");
  return { offers: indexes, own };
}

/** Null when the gateway keeps no such proof. */
export async function readProof(calls: GatewayAccess, receipt: string): Promise<Bundle | null> {
  try {
    return checkShape(bundle, await exchange(calls, `/v1/proofs/${receipt}`, null), "the gateway's proof");
  } catch (error) {
    if (isTributaryError(error) && error.code === 'PROOF_NOT_FOUND') return null;
    throw error;
  }
}

export async function readRecords(calls: GatewayAccess, { index, namespace }: Place, ids: readonly string[]) {
  const reply = await exchange(calls, `${pathOf(index)}/records/fetch`, { namespace, ids, vectors: true });
  return checkShape(fetchReply, reply, "the node's records").records as FetchReply['records'];
}

export async function writeRecords(
  calls: GatewayAccess,
  { index, namespace }: Place,
  what: 'records' | 'records/delete',
  body: object,
): Promise<WriteReply> {
  const reply = await exchange(calls, `${pathOf(index)}/${what}`, { namespace, ...body }, { timeoutMs: remoteWriteTimeoutMs });
  return checkShape(writeReply, reply, "the node's answer");
}

export async function readBudget(calls: GatewayAccess): Promise<bigint | null> {
  const { budget } = checkShape(gatewayCredit, await exchange(calls, '/v1/credit', null), "the gateway's answer");
  return budget === null ? null : BigInt(budget);
}

const pathOf = (index: string): string => `/v1/indexes/${encodeURIComponent(index)}`;
