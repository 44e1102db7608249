import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { RelayError } from '../errors.ts';
import { askNode } from './admin-client.ts';
import { openAdminServer, type AdminServer } from './admin-server.ts';
import { adminSocketPath } from './socket-path.ts';

let folder: string;
let server: AdminServer;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-admin-'));
  server = await openAdminServer(adminSocketPath(folder), {
    echo: async (params) => params,
    refuse: async () => {
      throw new RelayError('CHANNEL_UNKNOWN', 'no such channel');
    },
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

it('passes codes on, and hides what has none', async () => {
  await expect(askNode(folder, 'refuse')).rejects.toMatchObject({ code: 'CHANNEL_UNKNOWN', message: 'no such channel' });
  await expect(askNode(folder, 'fail')).rejects.toMatchObject({
    code: 'INTERNAL',
    message: expect.not.stringContaining('secret'),
  });
  await expect(askNode(folder, 'constructor')).rejects.toMatchObject({ code: 'METHOD_UNKNOWN' });
});

it('says so when no node runs there, also when a killed one left its socket', async () => {
  await server.close();
  await expect(askNode(folder, 'echo')).rejects.toMatchObject({ code: 'NODE_NOT_RUNNING' });
  server = await openAdminServer(adminSocketPath(folder), {});
});

it('puts the socket elsewhere when the data folder has a long path', () => {
  const path = adminSocketPath(`/${'x'.repeat(200)}`);
  expect(Buffer.byteLength(path)).toBeLessThanOrEqual(103);
  expect(adminSocketPath(`/${'y'.repeat(200)}`)).not.toBe(path);
});
