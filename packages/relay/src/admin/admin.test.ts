import { chmod, chown, mkdir, mkdtemp, rename, rm, stat, symlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RelayError } from '../errors.ts';
import { askNode } from './admin-client.ts';
import { adminBodyBytesMax, socketPathBytesMax } from './limits.ts';
import { openAdminServer, type AdminServer } from './admin-server.ts';
import { adminSocketPaths } from './socket-path.ts';

const adminSocketPath = (data: string): string => adminSocketPaths(data)[0]!;

let folder: string;
let server: AdminServer;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-admin-'));
  server = await openAdminServer(folder, {
    echo: async (params) => params,
    refuse: async () => {
      throw new RelayError('CHANNEL_UNKNOWN', 'no such channel');
    },
    long: async (params) => 'x'.repeat((params as { bytes: number }).bytes),
    hang: (_, signal) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('gone')))),
    fail: async () => {
      throw new Error('secret detail');
    },
  });
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

it('answers its owner and nobody else: the socket has mode 0600', async () => {
  expect(await askNode(folder, 'echo', { a: [1, 'ü'] })).toEqual({ a: [1, 'ü'] });
  expect((await stat(adminSocketPath(folder))).mode & 0o777).toBe(0o600);
});

it('passes codes on, and hides errors without one', async () => {
  await expect(askNode(folder, 'refuse')).rejects.toMatchObject({ code: 'CHANNEL_UNKNOWN', message: 'no such channel' });
  await expect(askNode(folder, 'fail')).rejects.toMatchObject({
    code: 'INTERNAL',
    message: expect.not.stringContaining('secret'),
  });
  await expect(askNode(folder, 'constructor')).rejects.toMatchObject({ code: 'METHOD_UNKNOWN' });
});

it('reports that no node runs there, even when a killed one left its socket', async () => {
  await server.close();
  await expect(askNode(folder, 'echo')).rejects.toMatchObject({ code: 'NODE_NOT_RUNNING' });
  server = await openAdminServer(folder, {});
});

it('refuses lines above the limit in either direction, and continues', async () => {
  const sent = async (method: string, params: object) => {
    const result = await askNode(folder, method, params).catch((error: { code: string }) => error.code);
    return typeof result === 'string' && result.length > 100 ? result.length : result;
  };
  const most = adminBodyBytesMax - '{"result":""}\n'.length;
  expect(await sent('long', { bytes: most })).toBe(most);
  expect(await sent('long', { bytes: most + 1 })).toBe('INTERNAL');
  expect(await sent('echo', { text: 'x'.repeat(adminBodyBytesMax) })).toBe('NODE_NOT_RUNNING');
  expect(await askNode(folder, 'echo', {})).toEqual({});
});

it('gives up on a node that does not answer, and aborts its work', async () => {
  await expect(askNode(folder, 'hang', {}, 30)).rejects.toMatchObject({ code: 'ASK_TIMEOUT' });
  const cut = createServer((socket) => socket.resume().end('{"result":'));
  await server.close();
  await new Promise<void>((resolve) => cut.listen(adminSocketPath(folder), resolve));
  await chmod(adminSocketPath(folder), 0o600);
  await expect(askNode(folder, 'echo')).rejects.toMatchObject({ code: 'INTERNAL', message: expect.stringContaining('cut off') });
  await new Promise((resolve) => cut.close(resolve));
  server = await openAdminServer(folder, {});
});

it('sends nothing to a socket that others may open', async () => {
  const path = adminSocketPath(folder);
  await chmod(path, 0o660);
  await expect(askNode(folder, 'echo')).rejects.toMatchObject({ code: 'CONFIG', message: expect.stringContaining(path) });
  await chmod(path, 0o600);
  expect(await askNode(folder, 'echo', {})).toEqual({});
});

// Only root can give files away, and only root could open a socket of another user.
it.runIf(process.getuid?.() === 0)('sends nothing to the socket of another user, nor into a data folder of one', async () => {
  const path = adminSocketPath(folder);
  const theirs = { code: 'CONFIG', message: expect.stringContaining(`${folder} belongs to another user (uid 12345)`) };
  await chown(folder, 12_345, 12_345);
  await expect(askNode(folder, 'echo')).rejects.toMatchObject(theirs);
  await chown(path, 12_345, 12_345);
  await expect(askNode(folder, 'echo')).rejects.toMatchObject(theirs);
  await chown(folder, 0, 0);
  await expect(askNode(folder, 'echo')).rejects.toMatchObject({ code: 'CONFIG', message: expect.stringContaining(path) });
  await chown(path, 0, 0);
  expect(await askNode(folder, 'echo', {})).toEqual({});
});

it('finds the socket of a node on a folder that cannot be written, beside one that a killed node left', async () => {
  const readOnly = await openAdminServer(folder, { where: async () => 'elsewhere' }, true);
  expect(await askNode(folder, 'echo', {})).toEqual({});
  await server.close();
  const dead = createServer();
  await new Promise<void>((resolve) => dead.listen(adminSocketPath(folder), resolve));
  await chmod(adminSocketPath(folder), 0o600);
  await rename(adminSocketPath(folder), `${folder}/kept.sock`);
  await new Promise((resolve) => dead.close(resolve));
  await rename(`${folder}/kept.sock`, adminSocketPath(folder));
  expect(await askNode(folder, 'where')).toBe('elsewhere');
  await readOnly.close();
  server = await openAdminServer(folder, {});
});

describe('a socket in the folder for temporary files', () => {
  let shared: string;
  const long = `/${'z'.repeat(200)}`;
  const before = process.env['TMPDIR'];
  beforeEach(async () => {
    shared = await mkdtemp(join(tmpdir(), 'tributary-shared-'));
    process.env['TMPDIR'] = shared;
  });
  afterEach(async () => {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
    await rm(shared, { recursive: true });
  });
  const opened = () => openAdminServer(long, { echo: async (params) => params });

  it('is in a folder that only its owner can open', async () => {
    const own = await opened();
    expect((await stat(dirname(adminSocketPath(long)))).mode & 0o777).toBe(0o700);
    expect(await askNode(long, 'echo', { a: 1 })).toEqual({ a: 1 });
    await own.close();
  });

  it('is neither made nor used in a folder that others may enter', async () => {
    const own = await opened();
    await chmod(dirname(adminSocketPath(long)), 0o755);
    await expect(askNode(long, 'echo')).rejects.toMatchObject({ code: 'CONFIG' });
    await expect(opened()).rejects.toMatchObject({ code: 'CONFIG' });
    await chmod(dirname(adminSocketPath(long)), 0o700);
    await own.close();
  });

  it('is neither made nor used through a planted link', async () => {
    const theirs = join(shared, 'theirs');
    await mkdir(theirs, { mode: 0o700 });
    await symlink(theirs, dirname(adminSocketPath(long)));
    await expect(opened()).rejects.toMatchObject({ code: 'CONFIG' });
  });

  it.runIf(process.getuid?.() === 0)('is neither made nor used in a folder of another user', async () => {
    const theirs = dirname(adminSocketPath(long));
    await mkdir(theirs, { mode: 0o700 });
    await chown(theirs, 12_345, 12_345);
    await expect(opened()).rejects.toMatchObject({ code: 'CONFIG' });
  });
});

it('puts the socket elsewhere when the data folder has a long path', () => {
  const path = adminSocketPath(`/${'x'.repeat(200)}`);
  expect(Buffer.byteLength(path)).toBeLessThanOrEqual(socketPathBytesMax);
  expect(adminSocketPath(`/${'y'.repeat(200)}`)).not.toBe(path);
});
