// The protocol's own conformance suite against a node, for each revision that it has requirements for.
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ERAS } from './mcp/agent.ts';
import { openWorkplace, type Workplace } from './_processes.ts';

const suite = createRequire(import.meta.url).resolve('@modelcontextprotocol/conformance/package.json');
const main = join(dirname(suite), 'dist', 'index.js');

let place: Workplace;
let url: string;
beforeAll(async () => {
  place = await openWorkplace({ TRIBUTARY_MCP_FIXTURES: '1' });
  [, url = ''] = await place.start(['node', '--port', '0']).says(/node at (http:\S+)/);
});
afterAll(() => place.close());

it.each(ERAS)('meets the requirements of %s', async (revision) => {
  const args = [main, 'server', '--url', `${url}/mcp`, '--requirements', revision];
  const { code, output } = await new Promise<{ code: number | string; output: string }>((resolve) => {
    execFile(process.execPath, args, { cwd: place.folder, maxBuffer: 1 << 26 }, (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, output: stdout + stderr }),
    );
  });
  expect(code, output.slice(-6_000)).toBe(0);
});
