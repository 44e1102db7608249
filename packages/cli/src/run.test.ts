import { createServer, type Server } from 'node:net';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import packageFile from '../package.json' with { type: 'json' };
import { peerAddresses } from './arguments.ts';
import { run } from './run.ts';
import { createOutput, type OutputStream } from './ui/output.ts';

let folder: string;
let taken: Server;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-cli-'));
  vi.stubEnv('TRIBUTARY_HOME', join(folder, 'home'));
  vi.stubEnv('TRIBUTARY_RENDEZVOUS', join(folder, 'rendezvous'));
  await writeFile(join(folder, 'member.json'), '{"price":{"bas":1}}');
  await writeFile(join(folder, 'text.json'), 'nope');
  await writeFile(join(folder, 'a.md'), '# a');
  taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await new Promise((resolve) => taken.close(resolve));
  await rm(folder, { recursive: true });
});

/** Runs one command line in this process. `{}` stands for the folder, `{port}` for a port that is in use. */
async function tributary(...line: string[]) {
  const said = { out: '', err: '' };
  const stream = (name: keyof typeof said) => {
    const to = new Writable({ write: (chunk, _, done) => done(void (said[name] += String(chunk))) });
    return Object.assign(to, { columns: 100 }) as unknown as OutputStream;
  };
  const output = createOutput(stream('out'), stream('err'));
  const port = String((taken.address() as AddressInfo).port);
  const argv = line.map((word) => word.replace('{port}', port).replace('{}', folder));
  return { code: await run(argv, output, new AbortController().signal), ...said };
}

describe('help', () => {
  const commands = [
    'start',
    'provide',
    'gateway',
    'query',
    'verify',
    'trust',
    'indexes',
    'credit',
    'balance',
    'earnings',
    'publish',
    'unpublish',
    'backup',
    'restore',
    'check',
    'eval',
  ];

  it.each(commands)('of %s has an example whose options exist', async (command) => {
    const { code, out, err } = await tributary(command, '--help');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const example = /\nExample:\n {2}(tributary .+)$/m.exec(out)![1]!;
    expect(example.startsWith(`tributary ${command}`)).toBe(true);
    for (const [option] of example.matchAll(/(?<= )--?[a-z-]+/g)) expect(out).toMatch(new RegExp(`^ +(-\\w, )?${option} `, 'm'));
  });

  it('lists every command, and says the version', async () => {
    const { out } = await tributary('--help');
    for (const command of commands) expect(out).toMatch(new RegExp(`^  ${command}[ \\[]`, 'm'));
    expect(await tributary('--version')).toEqual({ code: 0, out: `${packageFile.version}\n`, err: '' });
  });
});

const peer = '/ip4/127.0.0.1/tcp/1/p2p/12D3KooWQYV9dGMFoRzNStwpXztXaBUjtPqi6aU76ZgUriHhKust';
const owner = 'did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK';
const payer = `0x${'1'.repeat(40)}`;
const provide = (...more: string[]) => ['provide', '{}/a.md', '--index', 'notes', ...more];

describe('a mistake on the command line', () => {
  const cases: [string[], number, RegExp][] = [
    [['frobnicate'], 2, /unknown command 'frobnicate'/],
    [['query'], 2, /missing required argument 'text'/],
    [['query', 'a', 'b'], 2, /too many arguments/],
    [['query', 'a', '--frob'], 2, /unknown option '--frob'/],
    [['query', ' '], 2, /the question is empty/],
    [['query', 'a', '-k', 'many'], 2, /-k takes a whole number from 1 to 1000, not 'many'/],
    [['query', 'a', '-k', '0'], 2, /-k takes a whole number from 1 to 1000, not '0'/],
    [['query', 'a', '--min-relevance', 'abc'], 2, /--min-relevance takes a number from 0 to 1, not 'abc'/],
    [['query', 'a', '--min-relevance', '1.5'], 2, /--min-relevance takes a number from 0 to 1, not '1.5'/],
    [['query', 'a', '--max-charge', '-3'], 2, /--max-charge takes a whole number of credits, not '-3'/],
    [['query', 'a', '--filter', '[1]'], 2, /--filter takes a JSON object, for example .*, not '\[1\]'/],
    [['query', 'a', '--filter', '{'], 2, /--filter takes a JSON object/],
    [['query', 'a', '--mode', 'fuzzy'], 2, /--mode is hybrid, dense, bm25, sparse, dense-sparse, not 'fuzzy'/],
    [['query', 'a', '--gateway', 'nonsense'], 2, /--gateway takes a URL such as http:\/\/127\.0\.0\.1:8787, not 'nonsense'/],
    [['query', 'a', '--bootstrap', 'foo'], 2, /--bootstrap takes an address as a node prints it/],
    [['query', 'a', '--proof', '{}/none/p.json'], 2, /--proof .*none\/p\.json cannot be written: there is no folder/],
    [['query', 'a', '--proof', '{}'], 2, /--proof takes a file; .* is a folder/],
    [['query', 'a', '--trust', '{}/none'], 2, /the trust file .*none cannot be used: .*\(TRUST_FILE\)/],
    [['trust', '{}/t.json'], 2, /no key was given: give keys with --log, --signer and --payee/],
    [['trust', '{}/t.json', '--yes', '--log', 'did:web:x'], 2, /the key 'did:web:x' cannot be used/],
    [['trust', '{}/t.json', '--yes', '--payee', '0x1'], 2, /the key '0x1' cannot be used/],
    [['trust', '{}/a.md', '--yes', '--log', owner], 2, /a\.md exists already and is not overwritten/],
    [['trust', '{}/t.json', '--yes', '--proof', '{}/a.md'], 2, /--yes works only with keys that you name/],
    [['trust', '{}/t.json', '--proof', '{}/a.md'], 2, /a\.md proves nothing: .*BUNDLE_SHAPE/],
    [['trust', '{}/t.json', '--log', owner], 2, /on a terminal; elsewhere give --yes/],
    [['provide'], 2, /required option '--index <name>' not specified/],
    [['provide', '{}/a.md', '--index', 'Bad Name'], 2, /'Bad Name' is no index name.*\(INDEX_NAME\)/],
    [['provide', '{}/none', '--index', 'notes'], 2, /no readable file or folder .*none.*\(PATH_NOT_FOUND\)/],
    [provide('--price', '1.5'), 2, /--price takes a whole number of credits, not '1\.5'/],
    [provide('--policy', '{}/none.json'), 2, /the policy file .*none\.json cannot be read \(POLICY_FILE\)/],
    [provide('--policy', '{}/member.json'), 2, /member\.json, member price: .*bas.*\(POLICY_FILE\)/],
    [provide('--policy', '{}/text.json'), 2, /text\.json is not JSON/],
    [provide('--listen', 'foo'), 2, /--listen takes a libp2p address such as \/ip4\/127\.0\.0\.1\/tcp\/4001, not 'foo'/],
    [provide('--bootstrap', '/ip4/127.0.0.1/udp/1'), 2, /--bootstrap takes an address as a node prints it .* or HOST:PORT, not/],
    [provide('--bootstrap', '127.0.0.1:0'), 2, /--bootstrap takes an address/],
    [provide('--bootstrap', 'http://127.0.0.1:4001'), 2, /--bootstrap takes an address/],
    [['gateway', '--port', 'abc'], 2, /--port takes a whole number from 0 to 65535, not 'abc'/],
    [['gateway', '--port', '99999'], 2, /--port takes a whole number from 0 to 65535/],
    [['gateway', '--max-per-day', 'all'], 2, /--max-per-day takes a whole number of credits/],
    [['start', '--port', 'abc'], 2, /--port takes a whole number from 0 to 65535, not 'abc'/],
    [['credit', 'grant', '0x1', '5'], 2, /PAYER is the address of a wallet/],
    [['credit', 'grant', payer, 'abc'], 2, /AMOUNT takes a whole number of credits, not 'abc'/],
    [['credit', 'grant', payer, '0'], 2, /0 grants nothing/],
    [['balance', '--role', 'x'], 2, /--role is provider or gateway, not 'x'/],
    [['backup', '{}/copy', '--role', 'x'], 2, /--role is provider, gateway, node or client, not 'x'/],
    [['backup', '{}/copy'], 2, /there is no data of a provider in .*home\/provider; give its folder with --data/],
    [['restore'], 2, /give the folder of a backup/],
    [['restore', '{}/none'], 2, /there is no data of a provider in .*none/],
    [['restore', '--go-live', '--yes', '--data', '{}/none'], 2, /there is no data of a provider in .*none/],
    [['check', '--data', '{}/none'], 2, /there is no data of a provider in .*none/],
  ];
  it.each(cases)('%j ends with exit code %i and a message', async (line, code, message) => {
    const said = await tributary(...line);
    expect(said.err).toMatch(message);
    expect(said).toMatchObject({ code, out: '' });
    expect(said.err).not.toMatch(/\n {4}at |INTERNAL/);
  });

  it('leaves nothing behind', async () => {
    expect((await readdir(folder)).toSorted()).toEqual(['a.md', 'member.json', 'text.json']);
  });
});

describe('--bootstrap', () => {
  it.each([
    [peer, peer],
    ['/ip4/127.0.0.1/tcp/4001', '/ip4/127.0.0.1/tcp/4001'],
    ['127.0.0.1:4001', '/ip4/127.0.0.1/tcp/4001'],
    ['[::1]:4001', '/ip6/::1/tcp/4001'],
    ['node.example.org:4001', '/dns4/node.example.org/tcp/4001'],
  ])('takes %s', (given, address) => expect(peerAddresses([given])).toEqual([address]));

  it.each(['127.0.0.1', '127.0.0.1:65536', '/ip4/1.2.3/tcp/1', '/ip6/1.2.3.4/tcp/1', '::1:4001', 'a b:1', `${peer}/p2p-circuit`])(
    'does not take %s',
    (given) => expect(() => peerAddresses([given])).toThrow(expect.objectContaining({ code: 'USAGE' })),
  );
});

describe('commands that cannot succeed now', () => {
  const cases: [string[], RegExp][] = [
    [
      ['query', 'a', '--gateway', 'http://127.0.0.1:1'],
      /no answer from the gateway at http:\/\/127\.0\.0\.1:1; is it running\? \(GATEWAY_UNREACHABLE\)/,
    ],
    [['indexes', '--gateway', 'http://127.0.0.1:1'], /GATEWAY_UNREACHABLE/],
    [
      ['query', 'a', '--bootstrap', peer],
      /no offer was found through .*; is that node running, and is its index listed\? \(NO_PROVIDER\)/,
    ],
    [['credit', 'grant', payer, '5'], /no node runs on .*home\/provider; start it first.*\(NODE_NOT_RUNNING\)/],
    [['balance'], /no node runs on .*home\/gateway.*\(NODE_NOT_RUNNING\)/],
    [['publish', 'notes'], /NODE_NOT_RUNNING/],
    [['unpublish', 'notes'], /NODE_NOT_RUNNING/],
    [['gateway', '--port', '{port}'], /port \d+ of 127\.0\.0\.1 is taken; choose another with --port.*\(PORT_IN_USE\)/],
    [['start', '--port', '{port}'], /port \d+ is taken; choose another with --port.*\(PORT_IN_USE\)/],
  ];
  it.each(cases)('%j ends with exit code 1 and a message that says what to do', async (line, message) => {
    const said = await tributary(...line);
    expect(said.err).toMatch(message);
    expect(said).toMatchObject({ code: 1, out: '' });
    expect(said.err).not.toMatch(/\n {4}at |INTERNAL/);
  });
});

it('verify ends with 2 only for an unpinned proof, so that a script cannot take a mistake for a verdict', async () => {
  for (const line of [
    ['verify'],
    ['verify', '{}/none'],
    ['verify', '{}/text.json'],
    ['verify', '{}/text.json', '--trust', '{}/none'],
    ['verify', '-x'],
  ])
    expect(await tributary(...line)).toMatchObject({ code: 1 });
  expect(await tributary('verify', '{}/text.json')).toMatchObject({ out: expect.stringMatching(/^FAILED {2}BUNDLE_SHAPE\n/) });
});
