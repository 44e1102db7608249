import { mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { downloadFile, listFiles, modelInfo, type ListFileEntry } from '@huggingface/hub';
import { syncFolder, syncTree } from '@tributary/runtime';
import { isTributaryError, TributaryError } from '@tributary/schemas';
import type { DeviceWish } from '@tributary/store';
import { boundedFetch } from './bounded-fetch.ts';
import { fetchFiles } from './fetch-files.ts';
import { chooseFiles, type HubFile } from './hub-files.ts';
import { hubBlockBytesMax, hubEntriesMax, hubReplyBytesMax, hubSilentMs } from './limits.ts';

export interface HubOptions {
  /** Folder of downloaded models. */
  directory: string;
  /** Decides which weights are downloaded. */
  device: DeviceWish;
  /** `$HF_ENDPOINT` and `$HF_TOKEN` as the hub's own programs read them. */
  env: NodeJS.ProcessEnv;
  signal: AbortSignal;
  /** Longest silence of the hub, in milliseconds. Default: `hubSilentMs`. */
  silentMs?: number;
  onStart(download: { name: string; bytes: number; from: string }): void;
  onProgress(progress: { bytes: number; total: number }): void;
}

const HUB = 'https://huggingface.co';
/** OWNER/NAME, and a branch, tag or commit. */
const NAME = /^([\w-][\w.-]*\/[\w-][\w.-]*)(?:@([\w-][\w./-]*))?$/;
const COMMIT = /^[0-9a-f]{40}$/;

interface Wanted {
  repo: string;
  commit: string;
}

/**
 * The folder of a model of the Hugging Face hub. It is downloaded once for each commit; a model that is named with its
 * commit and was downloaded before needs no network.
 *
 * @param asked OWNER/NAME or OWNER/NAME@REVISION
 * @throws TributaryError USAGE, MODEL_NOT_FOUND
 */
export async function hubModel(asked: string, options: HubOptions): Promise<string> {
  const { repo, revision } = readName(asked);
  const hub = hubOf(options);
  const wanted = { repo, commit: COMMIT.test(revision) ? revision : await commitOf(repo, revision, hub) };
  const folder = folderOf(wanted, options);
  if (!(await isThere(folder))) await download(wanted, folder, hub, options);
  return folder;
}

/** @throws TributaryError USAGE */
function readName(asked: string): { repo: string; revision: string } {
  const [, repo, revision = 'main'] = NAME.exec(asked) ?? [];
  if (repo !== undefined) return { repo, revision };
  throw new TributaryError('USAGE', `--model hf:${asked} names no model; give hf:OWNER/NAME or hf:OWNER/NAME@REVISION`);
}

/** What every call of the library needs, and how it is stopped. */
interface Hub {
  signal: AbortSignal;
  silentMs: number;
  hubUrl: string;
  accessToken?: string;
  fetch: typeof fetch;
}

/** @throws TributaryError USAGE */
function hubOf({ env, signal, silentMs = hubSilentMs }: HubOptions): Hub {
  const hubUrl = (env['HF_ENDPOINT'] ?? HUB).replace(/\/+$/, '');
  const { protocol, hostname } = URL.parse(hubUrl) ?? { protocol: '', hostname: '' };
  if (protocol !== 'https:' && !(protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(hostname)))
    throw new TributaryError('USAGE', `HF_ENDPOINT is '${hubUrl}'; it must be https, or http on this machine`);
  const token = env['HF_TOKEN'];
  return {
    signal,
    silentMs,
    hubUrl,
    ...(token === undefined || token === '' ? {} : { accessToken: token }),
    fetch: boundedFetch({ signal, silentMs, bytesMax: hubReplyBytesMax }),
  };
}

/** One folder for each commit and kind of weights. */
const folderOf = ({ repo, commit }: Wanted, { directory, device }: HubOptions): string =>
  join(directory, repo, `${commit}${device === 'gpu' ? '-gpu' : ''}`);

const isThere = (folder: string): Promise<boolean> =>
  stat(folder).then(
    () => true,
    () => false,
  );

async function commitOf(repo: string, revision: string, hub: Hub): Promise<string> {
  const { sha } = await asking(repo, hub, () => modelInfo({ ...hub, name: repo, revision, additionalFields: ['sha'] }));
  if (COMMIT.test(sha)) return sha;
  throw new TributaryError('MODEL_NOT_FOUND', `${hub.hubUrl} names no commit of ${repo} at ${revision}`);
}

/** A folder appears under its name once it is complete. */
async function download({ repo, commit }: Wanted, folder: string, hub: Hub, options: HubOptions): Promise<void> {
  const at = { ...hub, repo, revision: commit };
  const files = chooseFiles(await asking(repo, hub, () => listAll(at)), options.device, repo);
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  options.onStart({ name: `${repo}@${commit}`, bytes: total, from: hub.hubUrl });
  await mkdir(options.directory, { recursive: true, mode: 0o700 });
  const making = await mkdtemp(join(options.directory, '.making-'));
  let bytes = 0;
  try {
    await fetchFiles(files, making, {
      signal: options.signal,
      open: (file) => asking(repo, hub, () => downloadFile({ ...at, path: file.path, fetch: fetchOf(file, hub) })),
      onBytes: (more) => options.onProgress({ bytes: (bytes += more), total }),
    });
    await syncTree(making);
    await mkdir(dirname(folder), { recursive: true, mode: 0o700 });
    await rename(making, folder).catch(async (error: unknown) => {
      // Another process was faster.
      if (!(await isThere(folder))) throw error;
    });
    for (const above of [dirname(folder), dirname(dirname(folder)), options.directory]) await syncFolder(above);
  } finally {
    await rm(making, { recursive: true, force: true });
  }
}

/** Of a file no more is read than it has. */
const fetchOf = ({ bytes }: HubFile, { signal, silentMs }: Hub): typeof fetch =>
  boundedFetch({ signal, silentMs, bytesMax: bytes + hubBlockBytesMax });

async function listAll(at: Parameters<typeof listFiles>[0]): Promise<ListFileEntry[]> {
  const entries: ListFileEntry[] = [];
  for await (const entry of listFiles({ ...at, recursive: true })) {
    entries.push(entry);
    if (entries.length === hubEntriesMax) break;
  }
  return entries;
}

/** @throws TributaryError MODEL_NOT_FOUND in place of the library's errors */
async function asking<T>(repo: string, { signal, hubUrl, accessToken }: Hub, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    if (signal.aborted) throw signal.reason;
    if (isTributaryError(cause)) throw cause;
    const status = (cause as { statusCode?: number }).statusCode;
    const why =
      status === 401 || status === 403
        ? `is not there, or not for ${accessToken === undefined ? 'callers without HF_TOKEN' : 'the holder of HF_TOKEN'}`
        : status === 404
          ? 'is not there'
          : `cannot be read${status === undefined ? '' : ` (${status})`}; give its folder, or hf:OWNER/NAME@COMMIT of one that was downloaded before`;
    throw new TributaryError('MODEL_NOT_FOUND', `${repo} at ${hubUrl} ${why}`, { cause });
  }
}
