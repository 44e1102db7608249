import { startNode } from '@tributary/relay';
import { refuseSecondNode } from '../data-folder.ts';
import { embeddingTerms } from '../steps/embedding-terms.ts';
import { engineAddress } from '../steps/engine-address.ts';
import { gatewayConfig, type GatewayOptions } from '../steps/gateway-config.ts';
import { importPlaces } from '../steps/imports/import-places.ts';
import { graphPlaces } from '../steps/graph-places.ts';
import { hubDownloads } from '../steps/models/hub-downloads.ts';
import { modelOptions, type ModelOptions } from '../steps/models/model-options.ts';
import { hasParent, tellParent } from '../steps/ready.ts';
import { describeDevice } from '../ui/describe-device.ts';
import { aborted } from '../ui/interrupt.ts';
import type { Output } from '../ui/output.ts';
import { tellReadOnly } from '../ui/tell-read-only.ts';

export interface NodeOptions extends GatewayOptions, ModelOptions {
  sellEmbeddings?: string;
  engine?: string;
  graph?: string[];
  imports?: string[];
  rerankModel?: string;
}

/** `tributary node`: provider and gateway in one process with one data folder, until it is stopped. */
export async function nodeCommand(options: NodeOptions, output: Output, signal: AbortSignal): Promise<number> {
  const shared = await gatewayConfig('node', options);
  const config = {
    ...shared,
    ...(await modelOptions(options, process.env, hubDownloads(output, signal))),
    ...(await embeddingTerms(options)),
    ...(await engineAddress(options.engine, process.env)),
    graphs: graphPlaces(options.graph ?? []),
    imports: await importPlaces(options.imports ?? [], process.env),
    rerankModelDirectory: options.rerankModel,
  };
  await refuseSecondNode(config.dataDirectory);
  signal.throwIfAborted();
  const node = await startNode(config);
  try {
    const { provider, gateway, reranker } = node;
    output.line(`node at ${gateway.url}`);
    for (const address of provider.addresses()) output.line(`  at ${address}`);
    output.line(`  wallet ${gateway.payer}`);
    if (!hasParent()) {
      output.note(describeDevice(provider.embedder));
      if (reranker !== null) output.note(describeDevice(reranker));
    }
    const indexes = provider.store.indexes();
    output.note(indexes.length === 0 ? 'it has no index yet' : `its indexes: ${indexes.map(({ name }) => name).join(', ')}`);
    if (provider.folder.readOnly)
      tellReadOnly(config.dataDirectory, 'questions to the network that cost money are refused, too', output);
    tellParent({ ready: 'node', url: gateway.url, payer: gateway.payer });
    await aborted(signal);
    output.note('stopping…');
  } finally {
    await node.close();
  }
  return 0;
}
