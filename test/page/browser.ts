// A real browser for tests of the page: Chromium at CHROMIUM_PATH or /usr/bin/chromium.
import { existsSync } from 'node:fs';
import { chromium, type Browser, type Page } from 'playwright-core';

const executablePath = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Without a browser its tests are skipped. */
export const hasBrowser = existsSync(executablePath);

export const launchBrowser = (): Promise<Browser> => chromium.launch({ executablePath, args });

/** Everything that the page complains about from now on, and every request that leaves the gateway. */
export function complaintsOf(page: Page, gateway: string): string[] {
  const complaints: string[] = [];
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on(
    'request',
    (request) =>
      !/^(?:blob|data):/.test(request.url()) &&
      !request.url().startsWith(gateway) &&
      complaints.push(`left the gateway for ${request.url()}`),
  );
  return complaints;
}
