import { Pool } from 'undici';
import type { Target } from './types.ts';

interface Reply {
  results: unknown[];
  usage?: { charge: string };
}

/** A question that a gateway refused, or that did not come back. */
class Refused extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** Asks over HTTP with keep-alive, with as many connections as may be in flight. */
export function openAsker({ url, index, key }: Target, vectorOf: (turn: number) => string, connections: number) {
  const pool = new Pool(url, { connections, pipelining: 1 });
  const headers = { 'content-type': 'application/json', ...(key === undefined ? {} : { authorization: `Bearer ${key}` }) };
  return {
    /** @returns the stated cost. @throws Refused */
    async ask(turn: number): Promise<bigint> {
      const body = JSON.stringify({ vector: vectorOf(turn), index, topK: 10 });
      const reply = await pool.request({ method: 'POST', path: '/v1/query', headers, body });
      const text = await reply.body.text();
      if (reply.statusCode !== 200) throw new Refused(codeIn(text), `${reply.statusCode}: ${text.slice(0, 300)}`);
      const { results, usage } = JSON.parse(text) as Reply;
      if (results.length !== 10) throw new Refused('RESULTS', `${results.length} results`);
      return BigInt(usage?.charge ?? 0);
    },
    close: () => pool.close(),
  };
}

function codeIn(text: string): string {
  return /"code":"([A-Z_]+)"/.exec(text)?.[1] ?? 'NO_CODE';
}
