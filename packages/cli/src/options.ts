import { Option, type Command } from 'commander';
import { defaultGateway } from './arguments.ts';
import type { Output } from './ui/output.ts';

// Options that several groups of commands share.

export type Exit = (code: number) => void;
export type Add = (usage: string, summary: string, example: string) => Command;

/** What every group of commands needs. */
export interface Console {
  add: Add;
  output: Output;
  signal: AbortSignal;
  exit: Exit;
}

const repeated = (value: string, before: string[] | undefined) => [...(before ?? []), value];
export const data = [
  '--data <dir>',
  'data folder of the node (default: ~/.tributary/<role>, or $TRIBUTARY_HOME/<role>)',
] as const;
export const gateway = [
  '--gateway <url>',
  `gateway to ask (default: $TRIBUTARY_GATEWAY or ${defaultGateway}), with the key in $TRIBUTARY_API_KEY if it needs one`,
] as const;
/** For commands that otherwise use the folder or the admin socket of a node. */
export const overGateway = ['--gateway <url>', 'ask the node at this URL over HTTP instead of reading --data'] as const;
export const keyFile = ['--key-file <file>', 'file with the API key (default: the key in $TRIBUTARY_API_KEY)'] as const;
export const device = () =>
  new Option('--device <device>', 'where the embedding model computes: auto (a GPU if there is one that works), cpu or gpu')
    .choices(['auto', 'cpu', 'gpu'])
    .default('auto');
export const model = [
  '--model <model>',
  'folder of an embedding model (default: the shipped one), hf:OWNER/NAME[@REVISION] of the Hugging Face hub, or openai:NAME at $OPENAI_BASE_URL',
] as const;
export const modelIdle = [
  '--model-idle <seconds>',
  'let a model go that had nothing to compute for so long; the next text waits until it is loaded again (default: 120)',
] as const;
export const rerankModel = [
  '--rerank-model <folder>',
  "folder of a cross-encoder that reranks for callers of Pinecone's API (docs/spec/pinecone.md)",
] as const;
export const sellEmbeddings = [
  '--sell-embeddings <price>',
  'sell vectors of the model: credits for each text, or a file with the terms (docs/guides/provider.md)',
] as const;
export const engine = [
  '--engine <place>',
  'PostgreSQL with pgvector for the graphs of new indexes: postgres://USER@HOST/DATABASE, or a file with the address and a password (default: $TRIBUTARY_ENGINE_URL)',
] as const;
export const graph = () =>
  new Option(
    '--graph <index=place>',
    'move the graph of an existing index: NAME=engine, or NAME=here; may be repeated',
  ).argParser(repeated);
export const imports = () =>
  new Option(
    '--imports <place>',
    "folder, or s3://BUCKET/PREFIX with $AWS_…, whose Parquet files callers of Pinecone's API may import; may be repeated",
  ).argParser(repeated);
export const sessionCap = [
  '--session-cap <credits>',
  'most credits that one session of an agent may spend (default: only the budget of its key counts)',
] as const;
export const guard = [
  '--guard <url>',
  'service that judges passages before agents get them (docs/spec/mcp.md); it sees their texts',
] as const;
export const guardFail = () =>
  new Option('--guard-fail <how>', 'what agents get when that service does not answer: nothing (closed) or all (open)')
    .choices(['closed', 'open'])
    .default('closed');
export const bootstrap = () =>
  new Option('--bootstrap <address>', 'libp2p address of a node to start from; may be repeated').argParser(repeated);
export const repeatable = (flags: string, what: string) => new Option(flags, `${what}; may be repeated`).argParser(repeated);
export const listen = () =>
  new Option('--listen <address>', 'libp2p address to listen on (default: loopback, any port); may be repeated').argParser(
    repeated,
  );

/** Adds the options that `gateway` and `node` share: the HTTP API, the network and the wallet's caps. */
export const gatewayOptions = (command: Command): Command =>
  command
    .option('--port <port>', 'port; 0 takes any free one', '8787')
    .option('--host <host>', 'address to listen on (default: loopback); any other needs an API key', '127.0.0.1')
    .option('--tls-cert <file>', 'certificate chain, PEM: speak HTTPS only')
    .option('--tls-key <file>', 'private key of --tls-cert, PEM')
    .addOption(
      repeatable(
        '--allow <did>',
        'owner whose priced indexes a question without --index may go to, and whose embeddings may be bought',
      ),
    )
    .addOption(
      new Option(
        '--buy-embeddings <when>',
        'buy vectors of the owners in --allow: of missing models, also while busy with the own one, or always (the own model then checks)',
      )
        .choices(['never', 'missing', 'busy', 'always'])
        .default('never'),
    )
    .option('--max-per-query <credits>', 'most that one query may cost')
    .option('--max-per-day <credits>', 'most that may be spent in a day')
    .option(...modelIdle)
    .option(...sessionCap)
    .option(...guard)
    .addOption(guardFail())
    .option(...data)
    .addOption(listen())
    .addOption(bootstrap());
