import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { openRows } from './open-rows.ts';

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'tributary-rows-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}
const bytes = (text: string) => Buffer.from(text);
const put = (key: string, value: string) => ({ key: bytes(key), value: bytes(value) });

it('the log stays short beside snapshots that follow the commits, and keeps the order of writes', async () => {
  const path = await folder();
  const rows = await openRows(path);
  const long = 'meadow'.repeat(100_000);
  let current = rows.snapshot();
  let most = 0;
  for (let at = 0; at < 150; at += 1) {
    const writes = [put(`k${at % 5}`, long), put('last', `${at}`)].map((operation) => rows.batch([operation]));
    await Promise.all(writes);
    const before = current;
    current = rows.snapshot();
    before.close();
    most = Math.max(most, (await stat(join(path, 'rows-wal'))).size);
    expect(current.get(bytes('last'))!.toString()).toBe(`${at}`);
  }
  expect(most).toBeLessThan(24 * 1_048_576);
  current.close();
  await rows.close();
  expect(await readdir(path)).not.toContain('rows-wal');
}, 60_000);

it('an opening after a kill that writes nothing can empty the log', async () => {
  const path = await folder();
  const script = `import { openRows } from ${JSON.stringify(join(import.meta.dirname, 'open-rows.ts'))};
    const rows = await openRows(${JSON.stringify(path)});
    await rows.batch([{ key: Buffer.from('a'), value: Buffer.from('1') }]);
    process.kill(process.pid, 'SIGKILL');`;
  spawnSync(process.execPath, ['--input-type=module', '-e', script]);
  const untouched = await openRows(path);
  await untouched.close();
  expect((await stat(join(path, 'rows-wal'))).size).toBeGreaterThan(0);
  const rows = await openRows(path);
  const snapshot = rows.snapshot();
  await rows.copyLog();
  expect(snapshot.get(bytes('a'))!.toString()).toBe('1');
  expect((await stat(join(path, 'rows-wal'))).size).toBe(0);
  snapshot.close();
  await rows.close();
  expect(await readdir(path)).not.toContain('rows-wal');
});
