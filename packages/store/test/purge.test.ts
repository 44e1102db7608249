import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { purgeDelayMs } from '../src/limits.ts';
import { saveCaches } from '../src/worker/caches.ts';
import { recordOf, temporaryFolder } from './_helpers.ts';
import { makeService, put, write } from './_service.ts';

afterEach(() => vi.useRealTimers());

/** Names of the files below a folder that contain a word. */
async function filesWith(folder: string, word: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const texts = await Promise.all(files.map(async (file) => (await readFile(file)).includes(word)));
  return files.filter((_, at) => texts[at]).map((file) => file.slice(folder.length + 1));
}

it('text and metadata of a deleted record are gone from every file after the stated delay', async () => {
  const folder = await temporaryFolder();
  const service = await makeService(folder);
  const secret = recordOf('secret', { text: 'the passphrase is xqzjvkwp', metadata: { who: 'yfbghlmn' } });
  await write(service, [...put('a', 'b'), { kind: 'put', record: secret }]);
  await saveCaches(service.state);
  for (const word of ['xqzjvkwp', 'yfbghlmn'])
    expect(await filesWith(folder, word)).toEqual(expect.arrayContaining(['rivers/image', expect.stringMatching('rivers/db/')]));

  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  await write(service, [{ kind: 'delete', namespace: '', id: 'secret' }]);
  vi.advanceTimersByTime(purgeDelayMs);
  vi.useRealTimers();
  for (const word of ['xqzjvkwp', 'yfbghlmn']) await expect.poll(() => filesWith(folder, word), { timeout: 20_000 }).toEqual([]);
  await service.call('close', null);
  for (const word of ['xqzjvkwp', 'yfbghlmn']) expect(await filesWith(folder, word)).toEqual([]);
});
