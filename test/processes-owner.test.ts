// A running provider on the command line: its owner asks a private index, sells at a price that survives a restart,
// looks at channels, closes one, and prints the ledger.
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openWorkplace, writeFolder, type Running, type Workplace } from './_processes.ts';

let place: Workplace;
let provider: Running;
let address: string;
const question = ['query', 'when does the spring flood begin', '--index', 'rivers', '-k', '1'];

beforeAll(async () => {
  place = await openWorkplace();
  const documents = await writeFolder(join(place.folder, 'documents'), {
    'spring.md': '# Floods\n\nThe spring flood of the delta begins in April.\n\n    while (snow) melt();',
  });
  provider = place.start(['provide', documents, '--index', 'rivers', '--price', '4']);
  address = (await provider.says(/^ {2}at (\S+)$/m))[1]!;
});
afterAll(() => place.close());

it('the owner asks a private index free of charge, and sees code with its indentation; a stranger finds nothing', async () => {
  const own = await place.run(...question, '--owner');
  expect(own).toMatchObject({ code: 0, out: expect.stringMatching(/spring\.md[^]*\n {8}while \(snow\)[^]*charged 0 credit/) });
  const stranger = await place.run(...question, '--bootstrap', address);
  expect(stranger).toMatchObject({ code: 1, err: expect.stringContaining('NO_PROVIDER') });
});

it('a restart without --price sells at the price that was set before', async () => {
  await provider.kill('SIGINT');
  provider = place.start(['provide', '--index', 'rivers', '--publish']);
  await provider.says(/^ {2}price +4 credit a query/m);
  address = (await provider.says(/^ {2}at (\S+)$/m))[1]!;
});

it('a client is told what it may cost and lose before it pays; the owner sees the channel, closes it, and prints the ledger', async () => {
  const refused = await place.run(...question, '--bootstrap', address);
  const payer = /grant (0x[0-9a-f]{40})/.exec(refused.err)![1]!;
  await place.run('credit', 'grant', payer, '100');
  const paid = await place.run(...question, '--bootstrap', address);
  expect(paid).toMatchObject({ code: 3, err: expect.stringMatching(/costs at most 4 credit; .* could lose at most 4/) });

  const listed = await place.run('credit', 'channels', '--json');
  const [channel] = JSON.parse(listed.out) as { channel: string; charged: string; deposit: string; closed: boolean }[];
  expect(channel).toMatchObject({ charged: '4', deposit: '100', closed: false, payer });
  expect(await place.run('credit', 'close', channel!.channel)).toMatchObject({
    code: 0,
    out: expect.stringContaining('96 went back'),
  });
  expect(await place.run('credit', 'close', 'nonsense')).toMatchObject({ code: 2, err: expect.stringContaining('(USAGE)') });

  const ledger = await place.run('ledger');
  const types = ledger.out
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { entry: { type: string } }).entry.type);
  expect(types).toEqual(['grant', 'open', 'charge', 'close']);
  // The wallet's channel is closed, so it opens another and continues.
  expect(await place.run(...question, '--bootstrap', address)).toMatchObject({ code: 3 });
});
