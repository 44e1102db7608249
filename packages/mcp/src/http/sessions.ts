import { isInitializeRequest, WebStandardStreamableHTTPServerTransport, type McpServer } from '@modelcontextprotocol/server';
import { sessionIdleMs, sessionsMax } from '../limits.ts';

/** Sessions of clients that speak a protocol version of 2025. */
export interface Sessions {
  handle(request: Request, body: unknown, owner: string, options: HandleOptions): Promise<Response>;
  stopListening(): void;
  close(): Promise<void>;
}

type Transport = WebStandardStreamableHTTPServerTransport;
type HandleOptions = Parameters<Transport['handleRequest']>[1];

interface Session {
  transport: Transport;
  server: McpServer;
  owner: string;
  usedAt: number;
}

interface SessionsOptions {
  makeServer(): McpServer;
  now(): number;
  randomId(): string;
}

const SESSION_HEADER = 'mcp-session-id';

/** A session belongs to the key that began it. For any other key it does not exist. */
export function createSessions({ makeServer, now, randomId }: SessionsOptions): Sessions {
  const open = new Map<string, Session>();
  const end = async (id: string): Promise<void> => {
    const session = open.get(id);
    open.delete(id);
    await session?.server.close();
  };
  /** Room for one more: idle ones end, then the one that was idle longest. */
  const makeRoom = async (): Promise<void> => {
    const oldest = [...open].toSorted(([, a], [, b]) => a.usedAt - b.usedAt);
    const over = Math.max(0, open.size + 1 - sessionsMax);
    const ending = oldest.filter(([, { usedAt }], at) => at < over || usedAt + sessionIdleMs <= now());
    for (const [id] of ending) await end(id);
  };
  const begin = async (owner: string): Promise<Transport> => {
    await makeRoom();
    const transport: Transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: randomId,
      onsessioninitialized: (id) => void open.set(id, { transport, server, owner, usedAt: now() }),
      onsessionclosed: (id) => void open.delete(id),
    });
    const server = makeServer();
    await server.connect(transport);
    return transport;
  };
  return {
    async handle(request, body, owner, options) {
      const id = request.headers.get(SESSION_HEADER);
      if (id === null && isInitializeRequest(body)) return (await begin(owner)).handleRequest(request, options);
      if (id === null) return refusal(400, 'begin with initialize, or send the headers of protocol version 2026-07-28');
      const session = open.get(id);
      if (session === undefined || session.owner !== owner)
        return refusal(404, 'there is no such session; begin with initialize');
      session.usedAt = now();
      return session.transport.handleRequest(request, options);
    },
    stopListening() {
      for (const { transport } of open.values()) transport.closeStandaloneSSEStream();
    },
    async close() {
      for (const id of open.keys()) await end(id);
    },
  };
}

const refusal = (status: number, message: string): Response =>
  Response.json({ jsonrpc: '2.0', error: { code: status === 404 ? -32_001 : -32_000, message }, id: null }, { status });
