// The command line as people use it: provider, gateway and questions in separate processes, over real libp2p TCP.
import { execFileSync } from 'node:child_process';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Bundle } from '@tributary/schemas';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reworded } from '../packages/proof/test/_whole.ts';
import { openWorkplace, pdfWith, writeFolder, type Running, type Workplace } from './_processes.ts';

const QUESTION = 'when does the spring flood begin';
let place: Workplace;
let documents: string;
let provider: Running;
let gateway: Running;
let url: string;
let address: string;
let payer: string;
const provideArguments = () => ['provide', documents, '--index', 'rivers', '--title', 'Rivers', '--licence', 'CC-BY-4.0'];
const query = (...args: string[]) => place.run('query', QUESTION, '--index', 'rivers', '-k', '2', ...args);

beforeAll(async () => {
  place = await openWorkplace();
  documents = await writeFolder(join(place.folder, 'documents'), {
    'spring.md': '# Floods\n\nThe spring flood of the delta begins in April, when the snow of the mountains melts.',
    'ferry.txt': 'The ferry across the lower river runs every twenty minutes and carries forty cars.',
    'mill.html': '<h1>Mills</h1><p>A water mill turns the weight of falling water into the motion of a stone.</p>',
    'facts.jsonl': `${JSON.stringify({ _id: 'b1', title: 'Bridges', text: 'The old bridge has seven arches.', metadata: { built: 1512 } })}\n`,
    'trout.pdf': pdfWith(['Brown trout spawn on gravel in cold streams.']),
    'broken.pdf': 'this is no PDF',
  });
  provider = place.start([...provideArguments(), '--price', '3', '--publish']);
  gateway = place.start(['gateway', '--port', '0']);
  address = (await provider.says(/^ {2}at (\S+)$/m))[1]!;
  url = (await gateway.says(/^gateway at (\S+)$/m))[1]!;
  payer = (await gateway.says(/^ {2}wallet (\S+)$/m))[1]!;
});
afterAll(() => place.close());

describe('provide', () => {
  it('says what it will do, what it left out and why, and what becomes public at what price', async () => {
    await provider.says(/^6 files, 5 chunks to embed, .+$/m);
    await provider.says(/^5 documents: 5 chunks added, 0 unchanged, 0 removed/m);
    await provider.says(/^ {2}left out broken\.pdf: .+ \(PARSE_MALFORMED\)$/m);
    await provider.says(/^ {2}price +3 credit a query/m);
    await provider.says(/all clients together may see all 5 records/);
    await provider.says(/^serving rivers@[0-9a-f]{32}: 5 records, listed$/m);
  });

  it('refuses a second node on the same data folder and says so', async () => {
    const [second, third] = await Promise.all([place.run(...provideArguments()), place.run('gateway', '--port', '0')]);
    expect(second).toMatchObject({
      code: 1,
      err: expect.stringMatching(/home\/provider is in use: a node runs on it.*\(STORE_LOCKED\)/),
    });
    expect(third).toMatchObject({
      code: 1,
      err: expect.stringMatching(/home\/gateway is in use: a node runs on it.*\(STORE_LOCKED\)/),
    });
  });

  it('asks for consent before it publishes: without a terminal only --yes will do', async () => {
    const refused = await place.run('publish', 'rivers');
    expect(refused).toMatchObject({
      code: 2,
      err: expect.stringMatching(/makes this public:[^]*elsewhere give --yes \(USAGE\)/),
    });
  });
});

describe('query, through a gateway', () => {
  const proof = () => join(place.folder, 'proof.json');

  it('is told how to pay before the owner has granted credit', async () => {
    const refused = await query('--gateway', url);
    expect(refused).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringMatching(/needs 3 more .*tributary credit grant 0x[0-9a-f]{40} AMOUNT \(PAYMENT_NEEDED\)/),
    });
    expect(refused.err).toContain(payer);
  });

  it('shows passage, source, licence and price, and saves the proof', async () => {
    expect(await place.run('credit', 'grant', payer, '1000')).toMatchObject({
      code: 0,
      out: expect.stringContaining('1000 available'),
    });
    const answered = await query('--gateway', url, '--proof', proof());
    expect(answered).toMatchObject({ code: 3, err: expect.stringContaining(`check it with: tributary verify ${proof()}`) });
    expect(answered.out).toMatch(/^ 1\. spring\.md {3}relevance 0\.\d\d {3}rivers$/m);
    expect(answered.out).toContain('begins in April');
    expect(answered.out).toMatch(/licence CC-BY-4\.0, signed by did:key:/);
    expect(answered.out).toMatch(/charged 3 credit; receipt [0-9a-f]{64}/);
    expect(answered.out).toMatch(/^UNPINNED: [^]*^ {2}log {4}did:key:[^]*^ {2}payee {2}0x/m);
  });

  it('names the page of a PDF, and prints JSON that parses', async () => {
    const { code, out } = await place.run(
      'query',
      'where do brown trout spawn',
      '--index',
      'rivers',
      '-k',
      '1',
      '--gateway',
      url,
      '--json',
    );
    expect(code).toBe(3);
    expect(JSON.parse(out)).toMatchObject({
      pinned: false,
      usage: { charge: '3', unit: 'credit' },
      results: [{ source: { document: 'trout.pdf', page: 1 }, verified: true }],
      answers: [{ usage: { charge: '3', unit: 'credit' } }],
    });
  });

  it('verify: 2 while keys are unpinned, 0 with a trust file, 1 with the check named for altered bytes', async () => {
    const bytes = await readFile(proof(), 'utf8');
    const unpinned = await place.run('verify', proof(), '--json');
    expect(unpinned.code, unpinned.err).toBe(2);
    const { facts } = JSON.parse(unpinned.out);
    const trust = join(place.folder, 'trust.json');
    const keys = [...facts.signers.flatMap((key: string) => ['--signer', key]), '--log', facts.provider, '--payee', facts.payee];
    expect(await place.run('trust', trust, ...keys, '--yes')).toMatchObject({ code: 0, out: expect.stringContaining(trust) });
    const altered = join(place.folder, 'altered.json');
    const changed = reworded(JSON.parse(bytes) as Bundle, 'begins in April', 'begins in March');
    await writeFile(altered, JSON.stringify(changed));
    const [pinned, wrong] = await Promise.all([place.run('verify', proof(), '--trust', trust), place.run('verify', altered)]);
    expect(pinned).toMatchObject({ code: 0, out: expect.stringMatching(/^VERIFIED with pinned keys\n/) });
    expect(wrong).toMatchObject({ code: 1, out: expect.stringMatching(/^FAILED {2}RECORD_HASH\n/) });
  });

  it('the proof of an HTTP answer verifies as saved by other tools: JSON.stringify, Python', async () => {
    const body = JSON.stringify({ query: QUESTION, index: 'rivers', topK: 2, includeProof: true });
    const reply = await fetch(`${url}/v1/query`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    const answer = (await reply.json()) as { proof: object };
    const [compact, python] = [join(place.folder, 'compact.json'), join(place.folder, 'python.json')];
    await writeFile(compact, JSON.stringify(answer.proof));
    const script = 'import json,sys; json.dump(json.load(sys.stdin)["proof"], open(sys.argv[1], "w"), indent=1, sort_keys=True)';
    execFileSync('python3', ['-c', script, python], { input: JSON.stringify(answer) });
    for (const file of [compact, python])
      expect(await place.run('verify', file)).toMatchObject({ code: 2, out: expect.stringMatching(/^CONSISTENT/) });
    await writeFile(compact, (await readFile(compact, 'utf8')).replace('"v":1', '"v":1,"v":1'));
    expect(await place.run('verify', compact)).toMatchObject({ code: 1, out: expect.stringContaining('BUNDLE_SHAPE') });
  });
});

describe('query, without a gateway', () => {
  it('pays from a wallet of its own', async () => {
    const direct = () => query('--bootstrap', address, '--json');
    const refused = await direct();
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('(PAYMENT_NEEDED)') });
    const wallet = /credit grant (0x[0-9a-f]{40})/.exec(refused.err)![1]!;
    expect(wallet).not.toBe(payer);
    expect((await place.run('credit', 'grant', wallet, '10')).code).toBe(0);
    const { code, out, err } = await direct();
    expect(code, err).toBe(3);
    expect(JSON.parse(out)).toMatchObject({
      results: [{ source: { document: 'spring.md' } }],
      answers: [{ usage: { charge: '3' } }],
    });
  });
});

describe('a running network', () => {
  it('lists its indexes and its money, which agree on both sides', async () => {
    const [indexes, spent, earned, check] = await Promise.all([
      place.run('indexes', '--gateway', url, '--json'),
      place.run('balance', '--json'),
      place.run('balance', '--role', 'provider', '--json'),
      place.run('check', '--json'),
    ]);
    expect(JSON.parse(indexes.out)).toMatchObject([{ title: 'Rivers', licence: 'CC-BY-4.0', records: 5, price: { base: '3' } }]);
    expect(JSON.parse(spent.out)).toMatchObject({ payer, spentToday: '9', couldLose: '0' });
    expect(JSON.parse(earned.out)).toMatchObject({ granted: '1010', charged: '12' });
    expect(JSON.parse(check.out)).toMatchObject({ rivers: { ok: true, findingsCount: 0 } });
  });

  it('is copied while it runs', async () => {
    const copy = join(place.folder, 'copy-in-use');
    const copied = await place.run('backup', copy);
    expect(copied).toMatchObject({ code: 0, err: expect.stringContaining('acknowledged before it began') });
    expect(await place.run('check', '--data', copy)).toMatchObject({ code: 0, out: expect.stringMatching(/^ok +rivers: /) });
  });

  it('unpublishes an index, and publishes it again with --yes', async () => {
    expect(await place.run('unpublish', 'rivers')).toMatchObject({ code: 0, out: expect.stringContaining('private again') });
    const listed = async () => ((await (await fetch(`${url}/v1/indexes`)).json()) as { indexes: unknown[] }).indexes;
    await expect.poll(listed, { timeout: 20_000 }).toEqual([]);
    // Nodes announce every two seconds. None may bring it back.
    for (let second = 0; second < 6; second += 1) {
      await delay(1_000);
      expect(await listed()).toEqual([]);
    }
    expect(await place.run('publish', 'rivers', '--yes')).toMatchObject({
      code: 0,
      out: expect.stringContaining('is listed now'),
    });
  });
});

describe('a stopped provider', () => {
  const data = () => join(place.folder, 'home', 'provider');

  it('ends with exit code 0 at Ctrl-C and frees its locks: the next start finds every chunk', async () => {
    expect(await provider.kill('SIGINT')).toMatchObject({ code: 0, signal: null, err: expect.stringMatching(/stopping…\n$/) });
    const again = place.start(provideArguments());
    await again.says(/^6 files; the index already has every chunk$/m);
    await again.says(/^5 documents: 0 chunks added, 5 unchanged, 0 removed/m);
    await again.says(/^serving rivers@[0-9a-f]{32}: 5 records, listed$/m);
    expect(await again.kill('SIGINT')).toMatchObject({ code: 0 });
    expect(await gateway.kill('SIGINT')).toMatchObject({ code: 0 });
  });

  it('is checked and copied whole', async () => {
    const copy = join(place.folder, 'copy');
    expect(await place.run('backup', copy)).toMatchObject({ code: 0, out: expect.stringContaining('keep it safe') });
    const everything = async (folder: string) => (await readdir(folder, { recursive: true })).toSorted();
    expect(await everything(copy)).toEqual(await everything(data()));
    expect(await readdir(copy)).toEqual(expect.arrayContaining(['identity.json', 'keys', 'ledger', 'store']));
    expect((await stat(join(copy, 'keys', 'owner.key'))).mode & 0o777).toBe(0o600);
    const check = await place.run('check', '--data', copy);
    expect(check, check.out).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^ok +rivers: .*5 records.*\nok +ledger: 1010 granted, 12 charged/),
    });
  });

  it('is found damaged, with a code, after one byte of its store was flipped', async () => {
    const folder = join(data(), 'store', 'indexes', 'rivers', 'db');
    const bytes = await readFile(join(folder, 'rows'));
    const at = bytes.indexOf('The spring flood of the delta') + 10;
    expect(at).toBeGreaterThan(10);
    bytes[at]! ^= 1;
    await writeFile(join(folder, 'rows'), bytes);
    const check = await place.run('check');
    expect(check, check.out + check.err).toMatchObject({
      code: 1,
      out: expect.stringMatching(/^DAMAGED rivers: .*\n.* \([A-Z_]+\)$/m),
    });
  });
});
