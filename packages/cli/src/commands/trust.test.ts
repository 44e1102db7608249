import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseTrust } from '@tributary/proof';
import type { Bundle, ProviderIdentity } from '@tributary/schemas';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Output } from '../ui/output.ts';
import { trustCommand } from './trust.ts';
import { verifyCommand } from './proofs/verify.ts';

const vectors = join(import.meta.dirname, '../../../../schemas/vectors/bundle.valid.json');
const [paid] = JSON.parse(readFileSync(vectors, 'utf8')) as [{ input: { file: string } }];
const { did, payee } = JSON.parse((JSON.parse(paid.input.file) as Bundle).identity.body) as ProviderIdentity;

let folder: string;
let said: string[];
let asked: string[];
const output: Output = {
  line: (text = '') => void said.push(text),
  json: (value) => void said.push(JSON.stringify(value)),
  note: (text) => void said.push(text),
  terminal: false,
  columns: 100,
};
/** A person who gives these answers in turn, then no. */
const person =
  (...answers: boolean[]) =>
  (question: string) => {
    asked.push(question);
    return Promise.resolve(answers.shift() ?? false);
  };
const trusted = async () => parseTrust(await readFile(join(folder, 'trust.json'), 'utf8'));
beforeEach(async () => {
  [said, asked] = [[], []];
  folder = await mkdtemp(join(tmpdir(), 'tributary-trust-'));
  await writeFile(join(folder, 'answer.json'), paid.input.file);
});
afterEach(() => rm(folder, { recursive: true }));

it('writes the keys of a proof that a person has compared, and shows what the file will say', async () => {
  const proof = join(folder, 'answer.json');
  expect(await trustCommand(join(folder, 'trust.json'), { proof }, output, person(true, true, true, true))).toBe(0);
  expect(await trusted()).toMatchObject({ logs: [did], signers: [did], payees: [payee], quorum: 0 });
  expect(asked).toHaveLength(4);
  expect(said.join('\n')).toContain(`${did} owns the log of the index`);
  expect(said.join('\n')).toContain(`"${payee}"`);
  said = [];
  expect(await verifyCommand(proof, { trust: join(folder, 'trust.json') }, output)).toBe(0);
  expect(said[0]).toBe('VERIFIED with pinned keys');
});

it('leaves out keys that were not compared; verify then names each missing key and its list', async () => {
  const proof = join(folder, 'answer.json');
  await trustCommand(join(folder, 'trust.json'), { proof }, output, person(true, false, false, true));
  expect(await trusted()).toMatchObject({ logs: [did], signers: [], payees: [] });
  said = [];
  expect(await verifyCommand(proof, { trust: join(folder, 'trust.json') }, output)).toBe(2);
  expect(said.slice(0, 3).toSorted()).toEqual([
    `  payee     ${payee} (under "payees")`,
    `  signer    ${did} (under "signers")`,
    'CONSISTENT, but keys are unpinned: the trust file does not list',
  ]);
  expect(said).toContain(`  provider  ${did} (log pinned)`);
  expect(said).toContain(`  payee     ${payee} (unpinned)`);
});

it('takes keys that are named, without a question with --yes, each once', async () => {
  const options = { log: [did, did], payee: [payee], yes: true };
  expect(await trustCommand(join(folder, 'trust.json'), options, output, person())).toBe(0);
  expect([await trusted(), asked]).toMatchObject([{ logs: [did], signers: [], payees: [payee] }, []]);
});

it('writes nothing without consent, and never over another file', async () => {
  const file = join(folder, 'trust.json');
  await expect(trustCommand(file, { log: [did] }, output, person(false))).rejects.toMatchObject({ code: 'CANCELLED' });
  await expect(readFile(file)).rejects.toMatchObject({ code: 'ENOENT' });
  await writeFile(file, 'mine');
  await expect(trustCommand(file, { log: [did], yes: true }, output, person())).rejects.toMatchObject({ code: 'USAGE' });
  expect([await readFile(file, 'utf8'), asked]).toEqual([
    'mine',
    expect.arrayContaining([expect.stringContaining('write the file')]),
  ]);
});
