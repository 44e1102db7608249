import { Agent, request } from 'node:http';

const requestMs = 15_000;

export interface Sent {
  method: string;
  /** As it goes out: nothing is normalised. */
  path: string;
  headers: Readonly<Record<string, string>>;
  body?: string | Uint8Array | undefined;
  /** The body without a stated length. */
  chunked?: boolean;
}

export interface Received {
  /** 0 when the other side ended the connection. */
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  text: string;
}

export interface Sender {
  /** @throws Error when a request is left hanging */
  send(sent: Sent): Promise<Received>;
  close(): void;
}

/** Sends requests unchanged over connections that are kept. */
export function openSender({ hostname, port }: URL): Sender {
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  const send = ({ method, path, headers, body, chunked = false }: Sent): Promise<Received> =>
    new Promise((resolve, reject) => {
      const ended: Received = { status: 0, headers: {}, text: '' };
      const framing = chunked ? { 'transfer-encoding': 'chunked' } : { 'content-length': Buffer.byteLength(body ?? '') };
      const length = body === undefined ? {} : framing;
      const going = request({ hostname, port, method, path, agent, headers: { ...headers, ...length }, timeout: requestMs });
      going.on('timeout', () => reject(new Error(`${method} ${path.slice(0, 200)} was not answered within ${requestMs} ms`)));
      going.on('error', () => resolve(ended));
      going.on('response', (reply) => {
        const chunks: Buffer[] = [];
        reply.on('data', (chunk: Buffer) => chunks.push(chunk));
        reply.on('error', () => resolve(ended));
        reply.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          resolve({ status: reply.statusCode ?? 0, headers: reply.headers, text });
        });
      });
      if (chunked && body !== undefined) going.write(body);
      going.end(chunked ? undefined : body);
    });
  return { send, close: () => agent.destroy() };
}
