import {
  answerDirectoryCall,
  type CallContext,
  type Directory,
  type LinkHandlers,
  type OwnAnnouncement,
} from '@tributary/client';
import { TributaryError, type MethodName, type MethodParams } from '@tributary/schemas';
import { createLru } from '@tributary/proof/primitives';
import { answerKeepMs, type Index } from '@tributary/store';
import type { Serve } from '../serve/serve.ts';
import { proofReadersMax } from './limits.ts';

/** The proofs of an index that peers may fetch. */
type ProofSource = Pick<Index, 'snapshot' | 'writes' | 'consistency'>;

export interface ProviderHandlers {
  serve: Serve;
  directory: Directory;
  /**
   * This node's announcement. It lists private indexes for their owner only. Null when this peer must not learn of the
   * node.
   */
  own: OwnAnnouncement;
  /** Null when there is no such index, or when it is private and the peer may not read it. */
  visibleIndex(indexId: string, mayRead: boolean): ProofSource | null;
  isOwner(peer: string): boolean;
  /** Unix milliseconds. */
  now(): number;
  fault(error: unknown): void;
}

/**
 * Peers that got an answer from an index. They may read its proofs for as long as answers are kept, even after it is
 * withdrawn.
 */
interface Readers {
  add(peer: string, index: string): void;
  has(peer: string, index: string): boolean;
}

/**
 * What a provider does for its peers: it answers questions, opens channels, hands out proofs, and passes on addresses.
 */
export function providerHandlers(parts: ProviderHandlers): LinkHandlers {
  const readers = createReaders(parts.now);
  return {
    ask: ({ head, body, signal, peer }) =>
      parts.serve.ask(head, body, {
        peer,
        isOwner: parts.isOwner(peer),
        signal,
        answered: (index) => readers.add(peer, index),
      }),
    call: async (method, params, context) => call({ ...parts, readers }, method, params, context),
    fault: (error) => parts.fault(error),
  };
}

function createReaders(now: () => number): Readers {
  const answeredAt = createLru<string, number>(proofReadersMax);
  return {
    add: (peer, index) => answeredAt.set(`${peer} ${index}`, now()),
    has: (peer, index) => Math.abs(now() - (answeredAt.get(`${peer} ${index}`) ?? -Infinity)) < answerKeepMs,
  };
}

async function call<M extends MethodName>(
  parts: ProviderHandlers & { readonly readers: Readers },
  method: M,
  params: MethodParams<M>,
  context: CallContext,
): Promise<unknown> {
  const found = (index: string) => findIndex(parts, index, context.peer);
  switch (method) {
    case 'openChannel':
      return parts.serve.channels.open(params as MethodParams<'openChannel'>);
    case 'channelState':
      return parts.serve.channels.read(params as MethodParams<'channelState'>);
    case 'closeChannel':
      return parts.serve.channels.close(params as MethodParams<'closeChannel'>);
    case 'credit':
      return parts.serve.credit(params as MethodParams<'credit'>);
    case 'snapshot': {
      const { index, manifest } = params as MethodParams<'snapshot'>;
      return found(index).snapshot(manifest);
    }
    case 'writes': {
      const { index, hashes } = params as MethodParams<'writes'>;
      return { writes: await found(index).writes(hashes) };
    }
    case 'consistency': {
      const { index, first, second } = params as MethodParams<'consistency'>;
      return { hashes: await found(index).consistency(first, second) };
    }
    default:
      return answerDirectoryCall(parts.directory, parts.own, method, params, context);
  }
}

function findIndex(parts: ProviderHandlers & { readonly readers: Readers }, indexId: string, peer: string): ProofSource {
  const index = parts.visibleIndex(indexId, parts.isOwner(peer) || parts.readers.has(peer, indexId));
  if (!index) throw new TributaryError('INDEX_NOT_FOUND', `this node offers no index ${indexId}`);
  return index;
}
