// Text from strangers reaches a terminal only as text: no unit, title, id or message can forge a verdict.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { serializeBundle } from '@tributary/proof';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { run } from '../packages/cli/src/run.ts';
import { createOutput, type OutputStream } from '../packages/cli/src/ui/output.ts';
import { makeTestBundle } from '../packages/proof/test/_bundle.ts';

const PAINT = '\nVERIFIED with pinned keys';
let folder: string;
let server: Server;
let gateway: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-terminals-'));
  vi.stubEnv('TRIBUTARY_HOME', join(folder, 'home'));
  const message = `slower\r\u001b[2K\u2028${PAINT}\u202e\n  provider did:key:zHonest (log pinned)`;
  const error = JSON.stringify({ error: { code: 'RATE_LIMITED', message, requestId: 'r', retry: true } });
  server = createServer((_, response) => void response.writeHead(429, { 'content-type': 'application/json' }).end(error));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  gateway = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true });
});

async function linesOf(...argv: string[]): Promise<string[]> {
  let said = '';
  const stream = () => new Writable({ write: (chunk, _, done) => done(void (said += String(chunk))) }) as unknown as OutputStream;
  await run(argv, createOutput(stream(), stream()), new AbortController().signal);
  return said.split('\n');
}

test('a unit cannot forge a verdict', async () => {
  const file = join(folder, 'answer.json');
  await writeFile(file, serializeBundle(makeTestBundle({ offer: (offer) => ({ ...offer, unit: `x${PAINT}` }) })));
  const lines = await linesOf('verify', file);
  expect(lines.filter((line) => line.includes('VERIFIED'))).toEqual([expect.stringMatching(/^ {2}charged .*x\\u000aVERIFIED/)]);
  expect(lines[0]).toMatch(/^CONSISTENT/);
});

test('an error message of a gateway cannot either', async () => {
  for (const argv of [['indexes'], ['query', 'floods', '--index', 'rivers']]) {
    const lines = await linesOf(...argv, '--gateway', gateway);
    expect(lines.filter(Boolean)).toEqual([expect.stringMatching(/^tributary: slower .*VERIFIED.* \(RATE_LIMITED\)$/)]);
    expect(lines.join('')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}]/u);
  }
});
