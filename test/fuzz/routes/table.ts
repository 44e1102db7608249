import { MCP } from './mcp.ts';
import { NATIVE } from './native.ts';
import { OPENAI } from './openai.ts';
import { PINECONE, REFUSED } from './pinecone.ts';
import type { Table } from './types.ts';

/** Every route of a node, in groups that are drawn with these weights. */
export const GROUPS: readonly { weight: number; table: Table }[] = [
  { weight: 0.27, table: NATIVE },
  { weight: 0.08, table: MCP },
  { weight: 0.3, table: PINECONE },
  { weight: 0.25, table: OPENAI },
  { weight: 0.1, table: REFUSED },
];

/** @throws Error for a route without samples, and for samples without a route */
export function checkTable(routes: readonly { method: string; url: string }[]): void {
  const there = new Set(routes.map(({ method, url }) => `${method} ${url}`));
  const known = GROUPS.flatMap(({ table }) => Object.keys(table));
  const missing = [...there].filter((route) => !known.includes(route));
  const gone = known.filter((route) => !there.has(route));
  if (missing.length + gone.length === 0) return;
  throw new Error(`test/fuzz/routes: no samples for ${missing.join(', ') || '-'}; no route for ${gone.join(', ') || '-'}`);
}
