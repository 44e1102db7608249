// What a person gives `tributary provide` besides documents: namespace, passwords and metrics port, for an index that
// is private beside one that is listed.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { encryptedPdf } from './_encrypted-pdf.ts';
import { openWorkplace, writeFolder, type Running, type Workplace } from './_processes.ts';

let place: Workplace;
let provider: Running;
let documents: string;
const ask = (index: string, text: string, ...options: string[]) =>
  place.run('query', text, '--index', index, '--owner', '--min-relevance', '0', '--json', ...options);
const textsOf = ({ out, err, code }: { out: string; err: string; code: number | null }): string[] => {
  expect(code, err).toBe(0);
  return (JSON.parse(out) as { results: { text: string }[] }).results.map(({ text }) => text);
};

beforeAll(async () => {
  vi.stubEnv('TRIBUTARY_PASSWORDS', 'wrong\nof the mill');
  place = await openWorkplace();
  documents = await writeFolder(join(place.folder, 'documents'), {
    'mill.pdf': encryptedPdf('The water mill grinds rye in autumn.', 'of the mill'),
    'weir.pdf': encryptedPdf('The old weir is opened in June.', 'of the weir'),
  });
  provider = place.start(['provide', documents, '--index', 'rivers', '--price', '0', '--publish']);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await place.close();
});

it('passwords come from TRIBUTARY_PASSWORDS, and a PDF that none of them opens is left out', async () => {
  await provider.says(/left out .*weir\.pdf: The PDF is encrypted, and none of the passwords given opens it/u);
  await provider.says(/^ {2}at (\S+)$/m);
  expect(textsOf(await ask('rivers', 'what does the mill grind'))).toEqual([expect.stringContaining('grinds rye')]);
  const { out, err } = await provider.kill('SIGINT');
  expect(out + err).not.toMatch(/is private|also announces/u);
});

it('a private index beside a listed one says that the other is still announced and sold', async () => {
  const passwords = join(place.folder, 'passwords.txt');
  await writeFile(passwords, 'wrong\nof the weir\n');
  const options = ['--namespace', 'drafts', '--password-file', passwords, '--metrics-port', '0'];
  provider = place.start(['provide', documents, '--index', 'diary', ...options]);
  await provider.says(
    /diary is private; publish it with: tributary publish diary\nthis node also announces and sells: rivers\n/u,
  );
});

it('--password-file replaces the environment, and --namespace is where the documents are', async () => {
  expect(textsOf(await ask('diary', 'when is the weir opened', '--namespace', 'drafts'))).toEqual([
    expect.stringContaining('opened in June'),
  ]);
  expect(textsOf(await ask('diary', 'when is the weir opened'))).toEqual([]);
});

it('--metrics-port serves what the provider has answered', async () => {
  const [, url] = await provider.says(/"url":"(http:\/\/127\.0\.0\.1:\d+[^"]*)"/u);
  const text = await (await fetch(url!)).text();
  expect(text).toMatch(/^tributary_provider_answers_total\{index="diary@\w+",status="ok",again="false"\} 1$/m);
  expect(text).toMatch(/^tributary_provider_answers_total\{index="diary@\w+",status="empty",again="false"\} 1$/m);
  expect(text).toMatch(/^tributary_provider_records_shown_total\{index="diary@\w+",to="own"\} 1$/m);
});
