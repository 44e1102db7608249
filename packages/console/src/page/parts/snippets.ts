/** A question as programs ask it. */
export interface SnippetFacts {
  gateway: string;
  index: string;
  query: string;
  topK: number;
  maxCharge: bigint;
  /** Whether the gateway needs an API key. */
  keyed: boolean;
}

/** The same question as commands and code: for a shell, for a program, for an agent. */
export function snippetsOf(facts: SnippetFacts): { name: string; text: string }[] {
  return [
    { name: 'curl', text: curl(facts) },
    { name: 'SDK', text: sdk(facts) },
    { name: 'MCP', text: mcp(facts) },
  ];
}

function curl({ gateway, index, query, topK, maxCharge, keyed }: SnippetFacts): string {
  const body = JSON.stringify({ query, index, topK, maxCharge: String(maxCharge), includeProof: true });
  return [
    `curl -s ${gateway}/v1/query \\`,
    ...(keyed ? ['  -H "authorization: Bearer $TRIBUTARY_API_KEY" \\'] : []),
    "  -H 'content-type: application/json' \\",
    `  -d ${shellQuoted(body)}`,
  ].join('\n');
}

function sdk({ gateway, index, query, topK, maxCharge, keyed }: SnippetFacts): string {
  const key = keyed ? ', apiKey: TRIBUTARY_API_KEY' : '';
  return [
    "import { openHttpClient } from '@tributary/client';",
    '',
    `const client = openHttpClient({ gateway: ${JSON.stringify(gateway)}${key} });`,
    'const { results, bundle } = await client.query({',
    `  text: ${JSON.stringify(query)},`,
    `  index: ${JSON.stringify(index)},`,
    `  topK: ${topK},`,
    `  maxCharge: ${maxCharge}n,`,
    '}); // verified here; throws if anything does not hold',
  ].join('\n');
}

function mcp({ gateway, index, query, topK, maxCharge, keyed }: SnippetFacts): string {
  const env = keyed ? { env: { TRIBUTARY_API_KEY: 'trib_…' } } : {};
  const server = { mcpServers: { tributary: { command: 'tributary', args: ['mcp', '--gateway', gateway], ...env } } };
  const call = { name: 'query_index', arguments: { index, query, topK, maxCharge: String(maxCharge) } };
  const shown = (value: object) => JSON.stringify(value, null, 2);
  return `${shown(server)}\n\n// or over HTTP: ${gateway}/mcp\n// then the agent calls\n${shown(call)}`;
}

/** A word of a POSIX shell. */
const shellQuoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
