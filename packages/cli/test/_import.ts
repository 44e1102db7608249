// A node in this process, and `tributary import` into it.
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { openHttpClient } from '@tributary/client';
import { startNode } from '@tributary/relay';
import { vi } from 'vitest';
import { dataFolder, shippedModel } from '../src/folders.ts';
import type { ImportReport } from '../src/import/report.ts';
import { run } from '../src/run.ts';
import { gatewayConfig } from '../src/steps/gateway-config.ts';
import { createOutput, type OutputStream } from '../src/ui/output.ts';

export interface Target {
  folder: string;
  url: string;
  client: ReturnType<typeof openHttpClient>;
  /** Runs `tributary import ARGS` against the node. */
  run(args: readonly string[], signal?: AbortSignal): Promise<{ code: number; out: string; err: string }>;
  /** Names of the checkpoints that are there. */
  checkpoints(): Promise<string[]>;
  close(): Promise<void>;
}

export async function openTarget(): Promise<Target> {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-import-'));
  vi.stubEnv('TRIBUTARY_HOME', join(folder, 'home'));
  vi.stubEnv('TRIBUTARY_RENDEZVOUS', join(folder, 'rendezvous'));
  const config = await gatewayConfig('node', { port: '0', host: '127.0.0.1' });
  const node = await startNode({ ...config, modelDirectory: shippedModel, device: 'cpu' });
  const { url } = node.gateway;
  return {
    folder,
    url,
    client: openHttpClient({ gateway: url }),
    run: (args, signal = new AbortController().signal) => runHere(['import', ...args, '--gateway', url], signal),
    checkpoints: () => readdir(dataFolder('import', undefined)),
    async close() {
      await node.close();
      vi.unstubAllEnvs();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Runs a command line in this process. */
export async function runHere(argv: string[], signal: AbortSignal = new AbortController().signal) {
  const said = { out: '', err: '' };
  const stream = (name: keyof typeof said) => {
    const to = new Writable({ write: (chunk, _, done) => done(void (said[name] += String(chunk))) });
    return Object.assign(to, { columns: 100 }) as unknown as OutputStream;
  };
  return { code: await run(argv, createOutput(stream('out'), stream('err')), signal), ...said };
}

/** The report of `--json`; the errors of a run that has none. */
export function reportOf({ out, err }: { out: string; err: string }): ImportReport {
  if (out === '') throw new Error(err);
  return JSON.parse(out) as ImportReport;
}
