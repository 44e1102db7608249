import { link, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { walk, type SkipReason } from './walk.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'tributary-walk-'));
});
afterEach(() => rm(root, { recursive: true }));

async function write(files: Record<string, string>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  }
}

async function found(paths: string[] = [root]): Promise<{ files: string[]; skipped: Record<string, SkipReason> }> {
  const files: string[] = [];
  const skipped: Record<string, SkipReason> = {};
  const onSkip = (path: string, reason: SkipReason): void => {
    skipped[path.slice(root.length + 1)] = reason;
  };
  for await (const file of walk(paths, { onSkip })) files.push(file.relative);
  return { files, skipped };
}

describe('walk', () => {
  it('finds files in the order of their names and reports what it skips', async () => {
    await write({
      'b.md': 'b',
      'a/z.txt': 'z',
      'a/B.html': '',
      'c.exe': '',
      '.env': '',
      '.git/x.md': '',
      'node_modules/p/readme.md': '',
      README: 'r',
    });
    expect(await found()).toEqual({
      files: ['README', 'a/B.html', 'a/z.txt', 'b.md'],
      skipped: { '.env': 'hidden', '.git': 'hidden', 'c.exe': 'unsupported', node_modules: 'ignored' },
    });
  });

  it('gives size and absolute path', async () => {
    await write({ 'a.md': 'four' });
    const real = await realpath(root);
    const path = { absolute: join(root, 'a.md'), real: join(real, 'a.md'), root: real, relative: 'a.md' };
    for await (const file of walk([root])) expect(file).toEqual({ ...path, bytes: 4, modified: expect.any(Number) });
    expect((await found([join(root, 'a.md')])).files).toEqual(['a.md']);
  });

  it('obeys .gitignore at every level, the innermost last', async () => {
    await write({
      '.gitignore': 'build/\n*.log\n/only-top.md\ndraft-*\n!draft-keep.md\n',
      'build/x.md': '',
      'a.log': '',
      'only-top.md': '',
      'draft-1.md': '',
      'draft-keep.md': '',
      'sub/only-top.md': '',
      'sub/.gitignore': '!*.log\nsecret.txt\n',
      'sub/b.log': '',
      'sub/secret.txt': '',
      'sub/deep/secret.txt': '',
      'sub/deep/build/y.md': '',
      'secret.txt': '',
    });
    expect((await found()).files).toEqual(['draft-keep.md', 'secret.txt', 'sub/b.log', 'sub/only-top.md']);
  });

  it('follows links to files inside the folder and no others', async () => {
    await write({ 'in/.data/a.md': 'a', 'out/b.md': 'b' });
    await symlink(join(root, 'in/.data/a.md'), join(root, 'in/link.md'));
    await symlink(join(root, 'out/b.md'), join(root, 'in/leaves.md'));
    await symlink(join(root, 'in'), join(root, 'in/loop'));
    await symlink(join(root, 'nothing'), join(root, 'in/dangling.md'));
    const { files, skipped } = await found([join(root, 'in')]);
    expect(files).toEqual(['link.md']);
    expect(skipped).toMatchObject({ 'in/leaves.md': 'symlink', 'in/loop': 'symlink', 'in/dangling.md': 'symlink' });
  });

  it('finds a file with several paths once', async () => {
    await write({ 'in/a.md': 'a', 'in/sub/b.md': 'b' });
    await symlink(join(root, 'in/sub/b.md'), join(root, 'in/z.md'));
    await link(join(root, 'in/a.md'), join(root, 'in/hard.md'));
    await symlink(join(root, 'in'), join(root, 'other'));
    const { files, skipped } = await found([join(root, 'in/sub'), join(root, 'other'), join(root, 'in')]);
    expect(files).toEqual(['a.md', 'sub/b.md']);
    expect(skipped).toMatchObject({ 'other/hard.md': 'duplicate', 'other/z.md': 'duplicate' });
  });

  it('walks several folders, and returns no file twice', async () => {
    await write({ 'x/README.md': 'x', 'y/README.md': 'y', 'y/other.md': '' });
    expect((await found([join(root, 'x'), join(root, 'y')])).files).toEqual(['README.md', 'README.md', 'other.md']);
    expect(await found([join(root, 'x/README.md'), join(root, 'x')])).toEqual({ files: ['README.md'], skipped: {} });
  });

  it('stops at the depth bound', async () => {
    const deep = Array.from({ length: 70 }, () => 'd').join('/');
    await write({ [`${deep}/a.md`]: '', 'd/b.md': '' });
    const { files, skipped } = await found();
    expect(files).toEqual(['d/b.md']);
    expect(Object.values(skipped)).toEqual(['too-deep']);
  });

  it('names a missing path, and stops when aborted', async () => {
    await expect(found([join(root, 'missing')])).rejects.toMatchObject({ code: 'PATH_NOT_FOUND' });
    await write({ 'a.md': '', 'b.md': '' });
    const controller = new AbortController();
    const files = walk([root], { signal: controller.signal });
    expect((await files.next()).value).toMatchObject({ relative: 'a.md' });
    controller.abort();
    await expect(files.next()).rejects.toThrow(/abort/iu);
  });
});
