import { stderrLog } from '@tributary/relay';
import { rendezvousDirectory } from '@tributary/relay/local';
import { TributaryError } from '@tributary/schemas';
import { credits, listenAddresses, ownerIds, peerAddresses, port } from '../arguments.ts';
import { dataFolder, shippedModel } from '../folders.ts';
import { agentTerms, type AgentOptions } from './agents.ts';
import { modelIdle } from './models/model-options.ts';
import { readTls } from './tls.ts';

/** Options that `gateway` and `node` share: the HTTP API, the network and the wallet's caps. */
export interface GatewayOptions extends AgentOptions {
  port: string;
  host?: string;
  tlsCert?: string;
  tlsKey?: string;
  data?: string;
  listen?: string[];
  bootstrap?: string[];
  allow?: string[];
  maxPerQuery?: string;
  maxPerDay?: string;
  modelIdle?: string;
  buyEmbeddings?: 'never' | 'missing' | 'busy' | 'always';
}

/**
 * The configuration from these options.
 *
 * @throws CliError USAGE; the errors of reading the TLS files
 */
export async function gatewayConfig(role: 'gateway' | 'node', options: GatewayOptions) {
  const tls = await readTls(options.tlsCert, options.tlsKey);
  const log = stderrLog(process.stderr, process.env, Date.now);
  return {
    dataDirectory: dataFolder(role, options.data),
    port: port('--port', options.port),
    ...(options.host === undefined ? {} : { host: options.host }),
    ...(tls === null ? {} : { tls }),
    listen: listenAddresses(options.listen),
    bootstrap: peerAddresses(options.bootstrap),
    rendezvous: rendezvousDirectory(process.env),
    modelDirectory: shippedModel,
    ...modelIdle(options.modelIdle),
    allowed: ownerIds(options.allow),
    caps: {
      ...(options.maxPerQuery === undefined ? {} : { perCall: credits('--max-per-query', options.maxPerQuery) }),
      ...(options.maxPerDay === undefined ? {} : { perDay: credits('--max-per-day', options.maxPerDay) }),
    },
    ...buying(options),
    mcp: agentTerms(options, process.env, (reason) => log.warn('guard-failed', { reason })),
    log,
  };
}

/** Texts go to strangers in the clear, so whoever buys vectors names them. @throws TributaryError USAGE */
function buying({ buyEmbeddings = 'never', allow = [] }: GatewayOptions) {
  if (buyEmbeddings === 'never') return {};
  if (allow.length > 0) return { buyEmbeddings };
  throw new TributaryError(
    'USAGE',
    '--buy-embeddings sends texts to other owners: name those that may get them with --allow DID',
  );
}
