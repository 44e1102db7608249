import {
  answerDirectoryCall,
  type CallContext,
  type Directory,
  type LinkHandlers,
  type OwnAnnouncement,
} from '@tributary/client';
import { TributaryError, type MethodName, type MethodParams } from '@tributary/schemas';
import type { Index } from '@tributary/store';
import type { Serve } from '../serve/serve.ts';

/** What hands out the proofs of an index. */
type ProofSource = Pick<Index, 'snapshot' | 'writes' | 'consistency'>;

export interface ProviderHandlers {
  serve: Serve;
  directory: Directory;
  /** This node's announcement; private indexes are in it for their owner only. Null when this peer may not hear of the node. */
  own: OwnAnnouncement;
  /** Null when there is no such index, or none for this peer. */
  visibleIndex(indexId: string, forOwner: boolean): ProofSource | null;
  isOwner(peer: string): boolean;
  fault(error: unknown): void;
}

/** What a provider does for its peers: answers questions, opens channels, hands out proofs, passes on what it knows. */
export function providerHandlers(parts: ProviderHandlers): LinkHandlers {
  return {
    ask: ({ head, body, signal, peer }) => parts.serve.ask(head, body, { peer, isOwner: parts.isOwner(peer), signal }),
    call: async (method, params, context) => call(parts, method, params, context),
    fault: (error) => parts.fault(error),
  };
}

async function call<M extends MethodName>(
  parts: ProviderHandlers,
  method: M,
  params: MethodParams<M>,
  context: CallContext,
): Promise<unknown> {
  const forOwner = parts.isOwner(context.peer);
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
      return found(parts, index, forOwner).snapshot(manifest);
    }
    case 'writes': {
      const { index, hashes } = params as MethodParams<'writes'>;
      return { writes: await found(parts, index, forOwner).writes(hashes) };
    }
    case 'consistency': {
      const { index, first, second } = params as MethodParams<'consistency'>;
      return { hashes: await found(parts, index, forOwner).consistency(first, second) };
    }
    default:
      return answerDirectoryCall(parts.directory, parts.own, method, params, context);
  }
}

function found(parts: ProviderHandlers, indexId: string, forOwner: boolean): ProofSource {
  const index = parts.visibleIndex(indexId, forOwner);
  if (!index) throw new TributaryError('INDEX_NOT_FOUND', `this node offers no index ${indexId}`);
  return index;
}
