// The command line as people use it: provider, gateway and questions as processes of their own, over real libp2p TCP.
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readBundle } from '@tributary/proof';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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
    'trout.pdf': pdfWith(['Salmon return to the stream where they hatched.', 'Brown trout spawn on gravel in cold streams.']),
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
    await provider.says(/^6 files, 6 chunks to embed, about .+$/m);
    await provider.says(/^5 documents: 6 chunks added, 0 unchanged, 0 removed/m);
    await provider.says(/^ {2}left out broken\.pdf: .+ \(PARSE_MALFORMED\)$/m);
    await provider.says(/^ {2}price +3 credit a query/m);
    await provider.says(/all buyers together may see all 6 records/);
    await provider.says(/^serving rivers@[0-9a-f]{32}: 6 records, listed$/m);
  });

  it('refuses a second node on the same data folder and says so', async () => {
    const [second, third] = await Promise.all([place.run(...provideArguments()), place.run('gateway', '--port', '0')]);
    expect(second).toMatchObject({ code: 1, err: expect.stringMatching(/home\/provider is in use: a node runs on it.*\(STORE_LOCKED\)/) });
    expect(third).toMatchObject({ code: 1, err: expect.stringMatching(/home\/gateway is in use: a node runs on it.*\(STORE_LOCKED\)/) });
  });

  it('asks for consent before it publishes: without a terminal only --yes will do', async () => {
    const refused = await place.run('publish', 'rivers');
    expect(refused).toMatchObject({ code: 2, err: expect.stringMatching(/makes this public:[^]*elsewhere give --yes \(USAGE\)/) });
  });
});

describe('query, through a gateway', () => {
  const proof = () => join(place.folder, 'proof.json');

  it('is told how to pay before the owner has granted credit', async () => {
    const refused = await query('--gateway', url);
    expect(refused).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringMatching(/may cost 3 .*tributary credit grant 0x[0-9a-f]{40} AMOUNT \(PAYMENT_NEEDED\)/),
    });
    expect(refused.err).toContain(payer);
  });

  it('shows passage, source, licence and price, and saves the proof', async () => {
    expect(await place.run('credit', 'grant', payer, '1000')).toMatchObject({ code: 0, out: expect.stringContaining('1000 available') });
    const answered = await query('--gateway', url, '--proof', proof());
    expect(answered).toMatchObject({ code: 0, err: expect.stringContaining(`check it with: tributary verify ${proof()}`) });
    expect(answered.out).toMatch(/^ 1\. spring\.md {3}relevance 0\.\d\d {3}rivers$/m);
    expect(answered.out).toContain('begins in April');
    expect(answered.out).toMatch(/licence CC-BY-4\.0, signed by did:key:/);
    expect(answered.out).toMatch(/charged 3 credit; receipt [0-9a-f]{64}/);
  });

  it('finds the page of a PDF, and prints JSON that parses', async () => {
    const { code, out } = await place.run('query', 'where do brown trout spawn', '--index', 'rivers', '-k', '1', '--gateway', url, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      results: [{ source: { document: 'trout.pdf', page: 2 }, verified: true }],
      answers: [{ usage: { charge: '3', unit: 'credit' } }],
    });
  });

  it('verify: 2 while keys are unpinned, 0 with a trust file, 1 with the check named for altered bytes', async () => {
    const bytes = await readFile(proof(), 'utf8');
    const { identity, offer, writes } = readBundle(Buffer.from(bytes));
    const { did, payee } = JSON.parse(identity.body);
    const trust = join(place.folder, 'trust.json');
    expect(JSON.parse(offer.body).index).toMatch(/^rivers@/);
    expect(writes.length).toBeGreaterThan(0);
    const logs = [{ owner: did, index: JSON.parse(offer.body).index }];
    await writeFile(trust, JSON.stringify({ v: 1, type: 'tributary/trust', providers: [did], signers: [did], payees: [payee], logs }));
    const altered = join(place.folder, 'altered.json');
    await writeFile(altered, bytes.replace('begins in April', 'begins in March'));
    const [unpinned, pinned, wrong] = await Promise.all([
      place.run('verify', proof()),
      place.run('verify', proof(), '--trust', trust, '--json'),
      place.run('verify', altered),
    ]);
    expect(unpinned).toMatchObject({ code: 2, out: expect.stringMatching(/^CONSISTENT, but keys are unpinned/) });
    expect(pinned.code, pinned.out + pinned.err).toBe(0);
    expect(JSON.parse(pinned.out)).toMatchObject({ ok: true, trusted: true, failed: null });
    expect(wrong).toMatchObject({ code: 1, out: expect.stringMatching(/^FAILED {2}RESPONSE_HASH\n/) });
  });
});
