import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { seedOf, sparseOf, temporaryFolder, vectorOf } from './_helpers.ts';
import { makeService, reopen } from './_service.ts';

const WRITER = fileURLToPath(new URL('./_writer-process.ts', import.meta.url));
const KILLS = 12;

/** Lets a process write for `ms` milliseconds, kills it with SIGKILL, and returns the last round it acknowledged. */
async function writeAndKill(folder: string, start: number, ms: number): Promise<number> {
  const child = spawn(process.execPath, [WRITER, folder, String(start)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (bytes: Buffer) => {
    if (output === '') setTimeout(() => child.kill('SIGKILL'), ms);
    output += bytes.toString();
  });
  await new Promise((resolve) => child.once('close', resolve));
  const lines = output.split('\n').slice(0, -1);
  expect(lines[0]).toBe('open');
  return lines.length === 1 ? start - 1 : Number(lines.at(-1));
}

it(`loses no acknowledged write in ${KILLS} kills at random moments`, async () => {
  const folder = await temporaryFolder();
  await (await makeService(folder)).call('close', null);
  let acknowledged = -1;
  let next = 0;
  for (let kill = 0; kill < KILLS; kill += 1) {
    const ms = seedOf(`kill ${kill}`)[0]! / 4;
    acknowledged = await writeAndKill(folder, next, ms);
    const service = await reopen(folder);
    for (let round = next; round <= acknowledged; round += 1) {
      const wanted = [`w${round}-0`, `w${round}-1`, `w${round}-2`];
      const fetched = await service.call('fetch', { namespace: '', ids: wanted });
      for (const { id, vector, sparse } of fetched) expect([vector, sparse]).toEqual([vectorOf(id), sparseOf(id)]);
      const found = fetched.map(({ id }) => id);
      const deleted = round % 3 === 1 && found.length === 2 && !found.includes(`w${round}-0`);
      if (!deleted) expect(found).toEqual(wanted);
      if (round % 3 === 1 && round < acknowledged) expect(found).toEqual(wanted.slice(1));
    }
    expect(await service.call('check', null)).toMatchObject({ ok: true, findings: [] });
    // An unacknowledged write may be there, so the next process starts beyond it.
    next = acknowledged + 3;
    await service.call('close', null);
  }
  expect(acknowledged).toBeGreaterThan(KILLS);
});
