import { chmod, mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { syncTree } from './files.ts';

it('syncs every file and folder below a folder, also files that nobody may write', async () => {
  const root = await mkdtemp(join(tmpdir(), 'tributary-files-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  await mkdir(join(root, 'a/b'), { recursive: true });
  await writeFile(join(root, 'a/b/deep'), 'x');
  await writeFile(join(root, 'key'), 'x');
  await chmod(join(root, 'key'), 0o400);
  const handle = await open(join(root, 'key'), 'r');
  await handle.close();
  const sync = vi.spyOn(Object.getPrototypeOf(handle) as typeof handle, 'sync');
  onTestFinished(() => sync.mockRestore());
  await syncTree(root);
  // The folder itself, a, a/b, a/b/deep, key.
  expect(sync).toHaveBeenCalledTimes(5);
});
