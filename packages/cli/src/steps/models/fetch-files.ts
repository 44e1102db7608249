import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { TributaryError } from '@tributary/schemas';
import type { HubFile } from './hub-files.ts';

export interface Fetching {
  /** The content of a file of the commit; null when there is none. */
  open(file: HubFile): Promise<Blob | null>;
  signal: AbortSignal;
  onBytes(bytes: number): void;
}

/**
 * Downloads files into a folder, and checks each against the hash that the tree of the commit states.
 *
 * @throws TributaryError MODEL_NOT_FOUND; what `open` throws
 */
export async function fetchFiles(files: readonly HubFile[], folder: string, fetching: Fetching): Promise<void> {
  for (const file of files) {
    const path = join(folder, file.path);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const content = await fetching.open(file);
    if (content === null) throw changed(file, 'is not there any more');
    await store(file, content, path, fetching);
  }
}

async function store(file: HubFile, content: Blob, path: string, { signal, onBytes }: Fetching): Promise<void> {
  const hash = createHash(file.kind === 'git' ? 'sha1' : 'sha256');
  // The hash of a blob covers a header with its length (git-hash-object).
  if (file.kind === 'git') hash.update(`blob ${file.bytes}\0`);
  let bytes = 0;
  const check = async function* (parts: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const part of parts) {
      bytes += part.length;
      if (bytes > file.bytes) throw changed(file, `is longer than ${file.bytes} bytes`);
      hash.update(part);
      onBytes(part.length);
      yield part;
    }
  };
  const parts = Readable.fromWeb(content.stream() as ReadableStream<Uint8Array>);
  await pipeline(parts, check, createWriteStream(path, { mode: 0o600, flush: true }), { signal });
  if (bytes !== file.bytes || hash.digest('hex') !== file.hash) throw changed(file, 'has another content than the hub states');
}

const changed = ({ path }: HubFile, how: string): TributaryError =>
  new TributaryError('MODEL_NOT_FOUND', `${path} ${how}; nothing was kept, try again`);
