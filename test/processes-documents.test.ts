// Documents on the command line: sell rules over the records of JSONL and CSV files, listing, and deleting a document
// or an index, with the node running and stopped.
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openWorkplace, writeFolder, type Running, type Workplace } from './_processes.ts';

let place: Workplace;
let provider: Running;
let documents: string;
let address: string;
const data = (): string => join(place.folder, 'home/provider');

beforeAll(async () => {
  place = await openWorkplace();
  documents = await writeFolder(join(place.folder, 'documents'), {
    'open.jsonl': `${JSON.stringify({ _id: 'r1', text: 'The spring flood of the delta begins in April.' })}\n`,
    'secret.jsonl': `${JSON.stringify({ _id: 'r1', text: 'The secret flood gate of the delta opens in March.' })}\n`,
    'secret.csv': 'id,text\nr1,The secret weir of the delta is closed in flood.\n',
    'picture.png': 'x',
    '.hidden': 'x',
  });
  await writeFile(
    join(place.folder, 'policy.json'),
    JSON.stringify({
      sell: [
        { glob: 'secret*', sell: 'never' },
        { glob: 'drafts/**', sell: 'never' },
      ],
    }),
  );
  const args = ['provide', documents, '--index', 'rivers', '--policy', join(place.folder, 'policy.json'), '--publish'];
  provider = place.start([...args, '--namespace', '']);
  address = (await provider.says(/^ {2}at (\S+)$/m))[1]!;
});
afterAll(() => place.close());

it('a rule for a file covers its records, and publishing says how many each rule hides', async () => {
  await provider.says(
    /secret\*: 2 records of 2 documents not sold\n.*drafts\/\*\*: matches no document\n.*without a rule: 1 record of 1 document sold/u,
  );
  await provider.says(/left out .*picture\.png: no parser reads this kind of file[^]*passed over 1 name with a dot in front/u);
  const asked = await place.run('query', 'the flood of the delta', '--index', 'rivers', '--bootstrap', address, '--json');
  expect(asked.out).not.toMatch(/secret (?:flood|weir)/u);
  expect(asked.out).toContain('open.jsonl');
});

it('documents are listed and deleted while the node runs', async () => {
  const listed = await place.run('documents', '--index', 'rivers');
  expect(listed).toMatchObject({
    code: 0,
    out: expect.stringMatching(/secret\.csv {2}1 record, \d+ bytes, .*, hidden\n[^]*3 documents, 3 records, 2 of them hidden/u),
  });
  const deletion = ['delete', '--index', 'rivers', '--document', 'secret.jsonl'];
  expect(await place.run(...deletion)).toMatchObject({ code: 2, err: expect.stringContaining('--yes') });
  expect(await place.run(...deletion, '--yes')).toMatchObject({
    code: 0,
    err: expect.stringContaining('its file is still there'),
  });
  expect((await place.run('documents', '--index', 'rivers')).out).not.toContain('secret.jsonl');
  expect(await place.run(...deletion, '--yes')).toMatchObject({ code: 2, err: expect.stringContaining('no document') });
});

it('rules that change are applied to stored records without reading files', async () => {
  await provider.kill('SIGINT');
  await writeFile(join(place.folder, 'policy.json'), JSON.stringify({ sell: [{ glob: 'open*', sell: 'never' }] }));
  provider = place.start(['provide', '--index', 'rivers', '--policy', join(place.folder, 'policy.json')]);
  address = (await provider.says(/^ {2}at (\S+)$/m))[1]!;
  const { out } = await place.run('documents', '--index', 'rivers', '--json');
  expect(JSON.parse(out)).toMatchObject([
    { document: 'open.jsonl', sell: 'never' },
    { document: 'secret.csv', sell: 'full' },
  ]);
});

it('an index that is deleted leaves no offer, and nothing on the disk', async () => {
  expect((await place.run('delete', '--index', 'rivers', '--yes')).code).toBe(0);
  const asked = await place.run('query', 'spring flood', '--index', 'rivers', '--bootstrap', address);
  expect(asked).toMatchObject({ code: 1, err: expect.stringContaining('NO_PROVIDER') });
  await provider.kill('SIGINT');
  expect(await readdir(join(data(), 'store/indexes'))).toEqual([]);
  expect(await readdir(join(data(), 'policies'))).toEqual([]);
  for (const file of await readdir(join(data(), 'store'), { recursive: true, withFileTypes: true })) {
    if (file.isFile()) expect(await readFile(join(file.parentPath, file.name), 'latin1')).not.toContain('delta');
  }
});

it('the same on the folder of a stopped node', async () => {
  const again = place.start(['provide', documents, '--index', 'lakes']);
  await again.says(/^ {2}at (\S+)$/m);
  await again.kill('SIGINT');
  expect(await place.run('delete', '--index', 'lakes', '--document', 'secret.csv', '--yes')).toMatchObject({ code: 0 });
  const { out } = await place.run('documents', '--index', 'lakes', '--json');
  expect(JSON.parse(out)).toMatchObject([{ document: 'open.jsonl' }, { document: 'secret.jsonl' }]);
  expect(await place.run('delete', '--index', 'lakes', '--yes')).toMatchObject({ code: 0 });
  expect(await place.run('delete', '--index', 'lakes', '--yes')).toMatchObject({
    code: 1,
    err: expect.stringContaining('INDEX_NOT_FOUND'),
  });
  expect(await readdir(join(data(), 'store/indexes'))).toEqual([]);
}, 180_000);
