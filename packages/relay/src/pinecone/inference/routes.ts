import type { Access } from '../../gateway/access.ts';
import type { InFlight } from '../../gateway/in-flight.ts';
import type { GatewayRoute } from '../../gateway/types.ts';
import { row } from '../row.ts';
import { embedEndpoint, embedTexts, type OwnEmbedder } from './embed.ts';
import { modelEndpoint, modelInfos, modelNamed, modelsEndpoint, modelsOf } from './models.ts';
import { rank, rerankEndpoint, type OwnReranker } from './rerank.ts';

/** The node's models. Without a reranking model, reranking is refused. */
export function inferenceRoutes(embedder: OwnEmbedder, reranker: OwnReranker | null, inFlight: InFlight): GatewayRoute[] {
  const read: Access = { permission: 'read' };
  const infos = modelInfos(embedder, reranker);
  return [
    row(['POST', '/embed'], read, embedEndpoint, (asked, _, reply) =>
      inFlight.run(reply, (signal) => embedTexts(embedder, asked, signal)),
    ),
    row(['POST', '/rerank'], read, rerankEndpoint(reranker), (asked, _, reply) =>
      inFlight.run(reply, (signal) => rank(reranker!, asked.documents, asked, signal)),
    ),
    row(['GET', '/models'], read, modelsEndpoint, (wanted) => modelsOf(infos, wanted)),
    row(['GET', '/models/*'], read, modelEndpoint, (name) => modelNamed(infos, name)),
  ];
}
