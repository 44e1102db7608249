import { get } from 'node:http';
import { expect, it } from 'vitest';
import { createProviderMetrics } from '../observe/provider-metrics.ts';
import { openMetricsServer } from './metrics-server.ts';

const none = { granted: 0n, available: 0n, locked: 0n, spent: 0n, charged: 0n, uncovered: 0n, reserved: 0n };

it('serves only metrics, and only on loopback', async () => {
  const metrics = createProviderMetrics(() => ({ ...none, inFlight: 0, openChannels: 0 }));
  const server = await openMetricsServer(0, metrics);
  const status = (path: string, host?: string) =>
    new Promise<number>((resolve, reject) => {
      const url = new URL(path, server.url);
      get(url, { headers: host === undefined ? {} : { host } }, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      }).on('error', reject);
    });
  expect(await (await fetch(server.url)).text()).toContain('tributary_provider_credit{state="granted"} 0');
  expect([await status('/metrics'), await status('/'), await status('/metrics', 'evil.example')]).toEqual([200, 404, 404]);
  const port = Number(new URL(server.url).port);
  await expect(openMetricsServer(port, metrics)).rejects.toMatchObject({ code: 'PORT_IN_USE' });
  await server.close();
});
