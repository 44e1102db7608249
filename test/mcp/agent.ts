// A stock MCP client for tests, over HTTP or the standard input and output of `tributary mcp`.
import { Client, StreamableHTTPClientTransport, type ElicitResult } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { program } from '../program.ts';

/** The two eras of the protocol: with sessions, and without. */
export const ERAS = ['2025-11-25', '2026-07-28'] as const;
export type Era = (typeof ERAS)[number];

/** What the tests read of the results of tools. */
export interface ToolAnswer {
  isError: boolean;
  /** Texts of the content, joined. */
  text: string;
  structured: Structured;
  meta: Record<string, unknown>;
}
interface Citation {
  title: string;
  signer: string;
  licence: string;
  index: string;
  receipt: string | null;
  verified: boolean;
  url: string;
}
interface Structured {
  id: string;
  title: string;
  text: string;
  url: string;
  results: { id: string; title: string; url: string; text: string; citation: Citation; writers: string[]; flags: string[] }[];
  metadata: Citation;
  indexes: { name: string; own: boolean }[];
  withheld: { id: string; flags: string[] }[];
  flagged: { id: string; flags: string[] }[];
  truncated: boolean;
  verified: boolean;
  facts: { charge: string; query: string };
  session: { spent: string; left: string | null };
  key: { left: string | null };
  usage: { charge: string };
  agreement: { minSimilarity: number; incomparable: number };
  deleted: number;
  failed: { code: string } | null;
}

export interface Agent {
  call(name: string, args?: Record<string, unknown>): Promise<ToolAnswer>;
  tools(): Promise<string[]>;
  close(): Promise<void>;
}

interface AgentOptions {
  era?: Era;
  name?: string;
  /** How the user answers a form; without it the client cannot ask. */
  confirm?: () => ElicitResult;
}

/** An agent that reaches a node over HTTP. */
export function httpAgent(url: string, key: string | null, options: AgentOptions = {}): Promise<Agent> {
  const requestInit = key === null ? {} : { headers: { authorization: `Bearer ${key}` } };
  return connect(new StreamableHTTPClientTransport(new URL('/mcp', url), { requestInit }), options);
}

/** An agent that starts `tributary mcp`. */
export function stdioAgent(args: string[], env: Record<string, string>, options: AgentOptions = {}): Promise<Agent> {
  return programAgent([program, 'mcp', ...args], env, options);
}

/** An agent that starts a program of Node that speaks the protocol. */
export function programAgent(args: string[], env: Record<string, string>, options: AgentOptions = {}): Promise<Agent> {
  const path = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '' };
  const params = { command: process.execPath, args, env: { ...path, ...env }, stderr: 'ignore' as const };
  return connect(new StdioClientTransport(params), options);
}

async function connect(
  transport: StreamableHTTPClientTransport | StdioClientTransport,
  { era = '2026-07-28', name = 'test', confirm }: AgentOptions,
): Promise<Agent> {
  const client = new Client(
    { name, version: '1' },
    {
      capabilities: confirm === undefined ? {} : { elicitation: { form: {} } },
      versionNegotiation: { mode: era === '2025-11-25' ? 'legacy' : { pin: era } },
    },
  );
  if (confirm !== undefined) client.setRequestHandler('elicitation/create', () => confirm());
  await client.connect(transport);
  return {
    async call(tool, args = {}) {
      const { isError = false, content, structuredContent, _meta = {} } = await client.callTool({ name: tool, arguments: args });
      const text = content.map((one) => (one.type === 'text' ? one.text : '')).join('');
      return { isError, text, structured: (structuredContent ?? {}) as unknown as Structured, meta: _meta };
    },
    tools: async () => (await client.listTools()).tools.map((tool) => tool.name),
    close: () => client.close(),
  };
}
