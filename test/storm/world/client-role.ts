import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import { json } from 'node:stream/consumers';
import type { AddressInfo } from 'node:net';
import { openClient, type AskOptions, type OpenClient, type Question } from '@tributary/client';
import { readRendezvous, rendezvousDirectory } from '@tributary/relay/local';
import { describeError } from '../../../packages/cli/src/ui/describe-error.ts';

/**
 * Opens a client in a folder and does over HTTP what it is told: `POST /ask` asks one question, `GET /facts` says what
 * the client knows, `GET /recovered` what it recovered. Runs until the signal; returns the exit code.
 */
export async function runClient(
  [directory = '']: readonly string[],
  print: (line: string) => void,
  signal: AbortSignal,
): Promise<number> {
  let client: OpenClient | null = null;
  try {
    const rendezvous = rendezvousDirectory(process.env);
    const neighbours = async () => (await readRendezvous(rendezvous, '')).flatMap(({ addresses }) => addresses);
    client = await openClient({ directory, neighbours });
    await serve(client, print, signal);
    return 0;
  } catch (error) {
    print(`client: ${describeError(error)}`);
    return 1;
  } finally {
    await client?.close();
  }
}

async function serve(client: OpenClient, print: (line: string) => void, signal: AbortSignal): Promise<void> {
  const server = createServer((request, response) => void reply(client, request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  print(`client at http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  if (!signal.aborted) await once(signal, 'abort');
  server.closeAllConnections();
  server.close();
}

async function reply(client: OpenClient, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [status, body] = await answer(client, request).catch((error: { code?: string; message?: string }) => [
    409,
    { error: { code: error.code ?? 'INTERNAL', message: error.message ?? 'no message' } },
  ]);
  const text = JSON.stringify(body, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
  response.writeHead(status as number, { 'content-type': 'application/json' }).end(text);
}

async function answer(client: OpenClient, request: IncomingMessage): Promise<[status: number, body: object]> {
  if (request.url === '/recovered')
    return [200, { answers: (await client.recovered()).map(({ receipt, charge }) => ({ receipt, charge })) }];
  if (request.url === '/facts') return [200, { address: client.wallet.address, ...(await client.wallet.totals()) }];
  const { key, ...question } = (await json(request)) as Question & Pick<AskOptions, 'key'>;
  if (client.offers().length === 0) await client.refresh();
  const { results, usage, answers } = await client.query(question, key === undefined ? {} : { key });
  return [200, { results, usage: { ...usage, receipt: answers[0]?.usage.receipt ?? null } }];
}
