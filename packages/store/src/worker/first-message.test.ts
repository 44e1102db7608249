import { Worker } from 'node:worker_threads';
import { expect, it, vi } from 'vitest';
import { firstMessage } from './first-message.ts';

vi.setConfig({ testTimeout: 60_000 });

const SILENT_MS = 2_000;
const run = (code: string): Worker =>
  new Worker(`const { parentPort } = require('node:worker_threads'); ${code}`, { eval: true });

it('waits for a worker that works longer than one may be silent', async () => {
  const turns = run(`const end = performance.now() + 3 * ${SILENT_MS};
    const work = () => {
      for (const until = performance.now() + 50; performance.now() < until;);
      if (performance.now() < end) setTimeout(work, 10);
      else parentPort.postMessage('open');
    };
    work()`);
  const oneTurn = run(
    `for (const end = performance.now() + 3 * ${SILENT_MS}; performance.now() < end;); parentPort.postMessage('open')`,
  );
  const opened = await Promise.all([turns, oneTurn].map((worker) => firstMessage(worker, 'rivers', SILENT_MS)));
  expect(opened).toEqual(['open', 'open']);
  await Promise.all([turns.terminate(), oneTurn.terminate()]);
});

it('gives up one that does nothing, and ends it', async () => {
  const worker = run('parentPort.on("message", () => undefined)');
  const ended = new Promise((resolve) => worker.once('exit', resolve));
  await expect(firstMessage(worker, 'rivers', SILENT_MS)).rejects.toMatchObject({
    code: 'WORKER_CRASHED',
    message: expect.stringContaining('did nothing for 2 seconds'),
  });
  await ended;
});

it('says why a worker died', async () => {
  const dies = firstMessage(run('throw new Error("no disk")'), 'rivers', SILENT_MS);
  await expect(dies).rejects.toMatchObject({ code: 'WORKER_CRASHED', message: expect.stringContaining('no disk') });
  const leaves = firstMessage(run('process.exit(3)'), 'rivers', SILENT_MS);
  await expect(leaves).rejects.toMatchObject({ code: 'WORKER_CRASHED', message: expect.stringContaining('code 3') });
});
