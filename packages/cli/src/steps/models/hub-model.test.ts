import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbedder } from '@tributary/store';
import { afterEach, expect, test } from 'vitest';
import { shippedModel } from '../../folders.ts';
import { hubModel } from './hub-model.ts';

const COMMIT = 'c'.repeat(40);
const REPO = 'owner/name';
const NAMES = ['card.json', 'config.json', 'onnx/model_quantized.onnx', 'tokenizer.json', 'tokenizer_config.json'];
const LARGE = 'onnx/model_quantized.onnx';

const afterwards: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of afterwards.splice(0).toReversed()) await end();
});

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const gitHash = (bytes: Buffer): string => createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');

/** The part of the hub's API that its library calls for one repository, on this machine. */
async function openHub(
  files: Readonly<Record<string, Buffer>>,
  {
    served = files,
    token = '',
    instead = (): boolean => false,
  }: {
    served?: Readonly<Record<string, Buffer>>;
    token?: string;
    /** Replies in place of the hub. */
    instead?: (path: string, response: ServerResponse) => boolean;
  } = {},
) {
  const asked: string[] = [];
  const entryOf = ([path, bytes]: [string, Buffer]) => ({
    type: 'file',
    path,
    size: bytes.length,
    oid: gitHash(bytes),
    ...(path === LARGE ? { lfs: { oid: sha256(bytes), size: bytes.length, pointerSize: 130 } } : {}),
  });
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url!, 'http://hub');
    asked.push(pathname);
    if (instead(pathname, response)) return;
    const json = (value: object) => response.setHeader('content-type', 'application/json').end(JSON.stringify(value));
    if (token !== '' && request.headers.authorization !== `Bearer ${token}`) return void response.writeHead(401).end();
    if (pathname === `/api/models/${REPO}/revision/main`) return void json({ _id: '1', id: REPO, sha: COMMIT });
    if (pathname === `/api/models/${REPO}/tree/${COMMIT}`) return void json(Object.entries(files).map(entryOf));
    const bytes = served[pathname.slice(`/${REPO}/resolve/${COMMIT}/`.length)];
    if (!pathname.startsWith(`/${REPO}/resolve/`) || bytes === undefined) return void response.writeHead(404).end();
    const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
    const part = first === undefined ? bytes : bytes.subarray(Number(first), last ? Number(last) + 1 : bytes.length);
    response.setHeader('etag', `"${gitHash(bytes)}"`);
    if (first !== undefined)
      response.setHeader('content-range', `bytes ${first}-${Number(first) + part.length - 1}/${bytes.length}`);
    response.writeHead(first === undefined ? 200 : 206).end(part);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  afterwards.push(close);
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, close };
}

async function options(url: string, more: { env?: NodeJS.ProcessEnv; device?: 'cpu' | 'gpu'; signal?: AbortSignal } = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'tributary-hub-'));
  afterwards.push(() => rm(directory, { recursive: true, force: true }));
  const started: { name: string; bytes: number }[] = [];
  const { env = {}, device = 'cpu', signal = new AbortController().signal } = more;
  return {
    started,
    directory,
    device,
    signal,
    env: { HF_ENDPOINT: url, ...env },
    onStart: (download: { name: string; bytes: number }) => void started.push(download),
    onProgress: () => undefined,
  };
}

const small = { 'config.json': Buffer.from('{}'), [LARGE]: Buffer.from('weights'), 'model.safetensors': Buffer.from('more') };

test('a model of the hub embeds as the same one in a folder', async () => {
  const files = Object.fromEntries(
    await Promise.all(NAMES.map(async (name) => [name, await readFile(join(shippedModel, name))])),
  );
  const hub = await openHub(files);
  const folder = await hubModel(REPO, await options(hub.url));
  const [there, here] = await Promise.all([folder, shippedModel].map((modelDirectory) => openEmbedder({ modelDirectory })));
  afterwards.push(() => Promise.all([there!.close(), here!.close()]));
  expect(there!.digest).toBe(here!.digest);
  expect(await there!.embed(['drug doses'], 'query')).toEqual(await here!.embed(['drug doses'], 'query'));
});

test('only what a node needs is downloaded, and a commit that is there needs no hub', async () => {
  const hub = await openHub(small);
  const asked = await options(hub.url);
  const folder = await hubModel(REPO, asked);
  expect((await readdir(folder, { recursive: true })).toSorted()).toEqual(['config.json', 'onnx', LARGE]);
  expect(asked.started).toEqual([{ name: `${REPO}@${COMMIT}`, bytes: 9, from: hub.url }]);
  expect((await stat(join(folder, LARGE))).mode & 0o077).toBe(0);
  hub.close();
  expect(await hubModel(`${REPO}@${COMMIT}`, asked)).toBe(folder);
  await expect(hubModel(REPO, asked)).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' });
});

test('a file that is not the one of the tree is refused, and nothing is kept', async () => {
  for (const path of ['config.json', LARGE] as const)
    for (const other of [Buffer.from(small[path]).fill(1), Buffer.from('longer than it was'), Buffer.from('')]) {
      const hub = await openHub(small, { served: { ...small, [path]: other } });
      const asked = await options(hub.url);
      await expect(hubModel(REPO, asked)).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' });
      expect(await readdir(asked.directory)).toEqual([]);
    }
});

test('the token is sent to the hub that is named, and its absence is said', async () => {
  const hub = await openHub(small, { token: 'hf_secret' });
  await hubModel(REPO, await options(hub.url, { env: { HF_TOKEN: 'hf_secret' } }));
  await expect(hubModel(REPO, await options(hub.url))).rejects.toThrow(/HF_TOKEN/);
});

test('what names no model, no safe hub or no weights is refused', async () => {
  const hub = await openHub(small);
  const asked = await options(hub.url);
  for (const name of ['', 'name', '../x/y', 'a/b@', 'a/b@../c', 'a/b/c'])
    await expect(hubModel(name, asked)).rejects.toMatchObject({ code: 'USAGE' });
  await expect(hubModel(REPO, { ...asked, env: { HF_ENDPOINT: 'http://hub.example' } })).rejects.toMatchObject({ code: 'USAGE' });
  await expect(hubModel('owner/none', asked)).rejects.toThrow(/is not there/);
  await expect(hubModel(REPO, await options(hub.url, { device: 'gpu' }))).rejects.toThrow(/no weights/);
});

const OF_A_FILE = { etag: '"a"', 'content-range': 'bytes 0-0/7' };

test.each([
  ['before the commit', '/revision/main', (response: ServerResponse) => void response],
  ['in the list of files', '/tree/', (response: ServerResponse) => void response.writeHead(200).write('[')],
  ['in a file', LARGE, (response: ServerResponse) => void response.writeHead(206, OF_A_FILE).write('w')],
])('a hub that falls silent %s is left, and nothing is kept', async (_, path, begin) => {
  const hub = await openHub(small, {
    instead(asked, response) {
      if (!asked.includes(path)) return false;
      begin(response);
      return true;
    },
  });
  const asked = { ...(await options(hub.url)), silentMs: 300 };
  await expect(hubModel(REPO, asked)).rejects.toMatchObject({
    code: 'MODEL_NOT_FOUND',
    message: expect.stringMatching(/sent nothing for 0.3 s/),
  });
  expect(await readdir(asked.directory)).toEqual([]);
});

test('a hub whose list has no end is left', async () => {
  let sent = 0;
  const hub = await openHub(small, {
    instead(path, response) {
      if (!path.includes('/tree/')) return false;
      response.setHeader('content-type', 'application/json');
      const part = Buffer.alloc(1 << 20, ' ');
      const more = (): void => {
        for (let full = false; !full && !response.destroyed;) {
          full = !response.write(part);
          sent += part.length;
        }
      };
      response.on('drain', more);
      more();
      return true;
    },
  });
  await expect(hubModel(REPO, await options(hub.url))).rejects.toThrow(/sent more than 16777216 bytes/);
  expect(sent).toBeLessThan(64 << 20);
});

test('a download that is stopped leaves nothing', async () => {
  const hub = await openHub(small);
  const stop = new AbortController();
  const asked = await options(hub.url, { signal: stop.signal });
  const stopped = hubModel(REPO, { ...asked, onStart: () => stop.abort(new Error('stopped')) });
  await expect(stopped).rejects.toThrow(/stopped/);
  expect(await readdir(asked.directory)).toEqual([]);
});
