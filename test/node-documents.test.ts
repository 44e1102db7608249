// Documents over HTTP to a real node process: uploads of several kinds, questions to them, refusals, a kill midway.
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openWorkplace, pdfWith, type Running, type Workplace } from './_processes.ts';

let workplace: Workplace;
let data: string;
let node: Running;
let url: string;

async function startNode(): Promise<void> {
  node = workplace.start(['node', '--data', data, '--port', '0']);
  url = (await node.says(/node at (http:\S+)/))[1]!;
}
beforeAll(async () => {
  workplace = await openWorkplace();
  data = await mkdtemp(join(tmpdir(), 'tributary-documents-'));
  await startNode();
  await post('/v1/indexes', { name: 'notes' });
}, 120_000);
afterAll(async () => {
  await workplace.close();
  await rm(data, { recursive: true, force: true });
});

/** What the tests read of replies. */
interface Body {
  name: string;
  records: number;
  sequence: number;
  chunks: { added: number; unchanged: number; removed: number };
  deleted: string;
  documents: { name: string; records: number; whole: boolean; leftOut: string | null }[];
  next: string | null;
  results: { text: string; source: { document: string; title: string; page?: number } }[];
  error: { code: string; message: string };
}
const read = async (response: Response) => ({ status: response.status, body: (await response.json()) as Body });
const post = async (path: string, body: object) =>
  read(await fetch(url + path, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }));
const get = async (path: string) => read(await fetch(url + path));
const DOCUMENTS = '/v1/indexes/notes/documents';

/** The file as the body. */
const send = async (name: string, body: string | Uint8Array, headers: Record<string, string> = {}, path = DOCUMENTS) =>
  read(
    await fetch(`${url}${path}?name=${encodeURIComponent(name)}`, {
      method: 'POST',
      body: body as BodyInit,
      headers: { 'content-type': 'application/octet-stream', ...headers },
    }),
  );
/** The file as a part of a form. */
async function sendForm(file: [name: string, content: BlobPart] | null, fields: Record<string, string> = {}, address = '') {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  if (file) form.append('file', new Blob([file[1]]), file[0]);
  return read(await fetch(url + DOCUMENTS + address, { method: 'POST', body: form }));
}
const ask = async (query: string, more: object = {}) =>
  (await post('/v1/query', { index: 'notes', query, topK: 1, ...more })).body.results[0];

describe('a document', () => {
  it('is uploaded as Markdown, PDF and HTML; the answer names title and page', async () => {
    const markdown = '---\ntitle: Birds of the delta\n---\n\n# Storks\n\nStorks nest on the chimneys of Sulina in April.\n';
    expect(await send('birds/storks.md', markdown)).toMatchObject({
      status: 200,
      body: { name: 'birds/storks.md', namespace: '', records: 1, chunks: { added: 1, unchanged: 0, removed: 0 } },
    });
    const pdf = pdfWith(['The weir was built of oak in the year 1873.', 'Salmon climb the ladder beside the weir in autumn.']);
    expect((await sendForm(['weir.pdf', pdf as BlobPart])).body).toMatchObject({ name: 'weir.pdf', records: 2 });
    const html = '<html><head><title>Lighthouse</title></head><body><h1>Lamp</h1><p>The lamp burns rape oil.</p></body></html>';
    expect((await send('page', html, { 'content-type': 'text/html' })).body).toMatchObject({ name: 'page', records: 1 });
    expect(await ask('where do storks nest')).toMatchObject({
      text: expect.stringContaining('chimneys'),
      source: { document: 'birds/storks.md', title: 'Birds of the delta' },
    });
    expect(await ask('where do salmon climb')).toMatchObject({ source: { document: 'weir.pdf', title: 'weir', page: 2 } });
    expect(await ask('what does the lamp burn')).toMatchObject({ source: { document: 'page', title: 'Lighthouse' } });
  }, 60_000);

  it('writes nothing when it comes again unchanged, and replaces what changed', async () => {
    const first = (await send('a.md', '# Ferry\n\nThe ferry leaves at noon.')).body;
    const again = (await sendForm(['a.md', '# Ferry\n\nThe ferry leaves at noon.'])).body;
    expect(again).toEqual({ ...first, chunks: { added: 0, unchanged: 1, removed: 0 } });
    const changed = (await send('a.md', '# Ferry\n\nThe ferry leaves at dusk.')).body;
    expect(changed).toMatchObject({ records: 1, chunks: { added: 1, unchanged: 0, removed: 1 }, sequence: first.sequence + 1 });
    expect((await ask('when does the ferry leave'))?.text).toContain('dusk');
  });

  it('has metadata and a namespace of the caller', async () => {
    const metadata = JSON.stringify({ year: 1961 });
    const reply = await sendForm(['b.md', 'The tower fell.'], { metadata }, '?namespace=old&name=tower/b.md');
    expect(reply.body).toMatchObject({ name: 'tower/b.md', namespace: 'old', records: 1 });
    expect(await ask('tower', { namespace: 'old', filter: { year: 1961 } })).toMatchObject({ metadata: { year: 1961 } });
  });

  it('is listed, a page at a time, and deleted', async () => {
    const { body } = await get(`${DOCUMENTS}?limit=2`);
    expect(body).toMatchObject({
      documents: [{ name: 'a.md', records: 1, whole: true }, { name: 'birds/storks.md' }],
      next: 'birds/storks.md',
    });
    const rest = await get(`${DOCUMENTS}?limit=2&after=${encodeURIComponent(body.next!)}`);
    expect(rest.body).toMatchObject({ documents: [{ name: 'page' }, { name: 'weir.pdf' }], next: null });
    expect((await get(`${DOCUMENTS}?namespace=old`)).body.documents.map(({ name }) => name)).toEqual(['tower/b.md']);
    const remove = () => fetch(`${url}${DOCUMENTS}/birds%2Fstorks.md`, { method: 'DELETE' });
    expect(await (await remove()).json()).toEqual({ deleted: 'birds/storks.md', records: 1 });
    expect(await read(await remove())).toMatchObject({ status: 404, body: { error: { code: 'PATH_NOT_FOUND' } } });
    expect((await ask('where do storks nest'))?.source.document).not.toBe('birds/storks.md');
  });

  it('tells of its progress as lines, and of what is wrong by status', async () => {
    const sections = Array.from(
      { length: 60 },
      (_, at) => `## Part ${at}\n\n${`The ${at}th lock of the canal is closed. `.repeat(8)}`,
    );
    const response = await fetch(`${url}${DOCUMENTS}?name=long.md`, {
      method: 'POST',
      body: sections.join('\n\n'),
      headers: { accept: 'application/x-ndjson' },
    });
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/x-ndjson']);
    const lines = (await response.text())
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, Record<string, number>>);
    const progress = lines.slice(0, -1).map((line) => line['progress']!);
    expect(progress.length).toBeGreaterThan(1);
    const { found, embedded } = progress.at(-1)!;
    expect([found, embedded]).toEqual([lines.at(-1)!['document']!['records'], found]);
    expect(await send('long.png', 'x', { accept: 'application/x-ndjson' })).toMatchObject({
      status: 415,
      body: { error: { code: 'PARSE_UNSUPPORTED' } },
    });
  }, 120_000);
});

describe('what is refused', () => {
  const binary = Uint8Array.from({ length: 4_000 }, (_, at) => (at * 7_919) % 256);
  // Its dictionary says that only a non-empty password opens it.
  const locked = `/Encrypt<</Filter/Standard/V 1/R 2/P -44/O<${'4f'.repeat(32)}>/U<${'55'.repeat(32)}>>>/ID[<00><00>]`;
  const encrypted = Buffer.from(pdfWith(['secret']))
    .toString('latin1')
    .replace('trailer<<', `trailer<<${locked}`);
  it.each<[string, string, string | Uint8Array, number, string]>([
    ['a kind that nobody reads', 'a.png', 'x', 415, 'PARSE_UNSUPPORTED'],
    ['a name without an ending', 'notes', 'x', 415, 'PARSE_UNSUPPORTED'],
    ['no text', 'a.md', '  ', 422, 'PARSE_NO_TEXT'],
    ['nothing', 'a.md', '', 422, 'PARSE_NO_TEXT'],
    ['no PDF', 'a.pdf', 'x', 422, 'PARSE_MALFORMED'],
    ['bytes that are no text', 'a.txt', binary, 415, 'PARSE_UNSUPPORTED'],
    ['a name with ..', '../a.md', 'x', 400, 'INPUT_SHAPE'],
    ['a name from the root', '/a.md', 'x', 400, 'INPUT_SHAPE'],
    ['a name with a control character', 'a\n.md', 'x', 400, 'INPUT_SHAPE'],
    ['a name that is too long', `${'a'.repeat(510)}.md`, 'x', 400, 'INPUT_SHAPE'],
    ['a file that is too large', 'a.txt', new Uint8Array(67_108_865).fill(97), 413, 'INPUT_TOO_LARGE'],
  ])('%s', async (_, name, body, status, code) => {
    const reply = await send(name, body);
    expect([reply.status, reply.body.error.code]).toEqual([status, code]);
  });

  it('an encrypted PDF, in words for whoever uploads it', async () => {
    const reply = await send('locked.pdf', Buffer.from(encrypted, 'latin1'));
    expect([reply.status, reply.body.error.code]).toEqual([422, 'PARSE_ENCRYPTED']);
  });

  it.each<[string, () => ReturnType<typeof sendForm>, number, string]>([
    ['a form without a file', () => sendForm(null), 400, 'INPUT_SHAPE'],
    ['a form with an unknown field', () => sendForm(['a.md', 'x'], { colour: 'red' }), 400, 'INPUT_SHAPE'],
    ['metadata that is no JSON', () => sendForm(['a.md', 'x'], { metadata: '{' }), 400, 'INPUT_NOT_JSON'],
    ['metadata that nests', () => sendForm(['a.md', 'x'], { metadata: '{"a":{"b":1}}' }), 400, 'INPUT_SHAPE'],
    ['an unknown member of the address', () => sendForm(['a.md', 'x'], {}, '?colour=red'), 400, 'INPUT_SHAPE'],
    ['no name', async () => read(await fetch(url + DOCUMENTS, { method: 'POST', body: 'x' })), 400, 'INPUT_SHAPE'],
    ['no such index', () => send('a.md', 'x', {}, '/v1/indexes/nothing/documents'), 404, 'INDEX_NOT_FOUND'],
    [
      'a form cut short',
      async () => {
        const headers = { 'content-type': 'multipart/form-data; boundary=b' };
        return read(await fetch(url + DOCUMENTS, { method: 'POST', body: '--b\r\nContent-Disp', headers }));
      },
      400,
      'INPUT_SHAPE',
    ],
  ])('%s', async (_, call, status, code) => {
    const reply = await call();
    expect([reply.status, reply.body.error.code]).toEqual([status, code]);
  });

  it('an index whose vectors the caller makes', async () => {
    await post('/v1/indexes', { name: 'vectors', dimension: 3 });
    const reply = await send('a.md', 'x', {}, '/v1/indexes/vectors/documents');
    expect([reply.status, reply.body.error.code]).toEqual([422, 'MODEL_NOT_FOUND']);
  });

  it('leaves nothing in the index, and no file behind', async () => {
    const names = (await get(DOCUMENTS)).body.documents.map(({ name }) => name);
    expect(names).toEqual(['a.md', 'long.md', 'page', 'weir.pdf']);
    expect(await readdir(join(data, 'uploads'))).toEqual([]);
  });
});

describe('acknowledged means durable', () => {
  it('after a kill in the middle of uploads every acknowledged document is there, whole', async () => {
    await post('/v1/indexes', { name: 'kill' });
    const path = '/v1/indexes/kill/documents';
    const acknowledged: string[] = [];
    const stop = { now: false };
    const write = async (writer: number): Promise<void> => {
      for (let at = 0; !stop.now; at += 1) {
        const name = `${writer}/${at}.md`;
        const reply = await send(name, `# Day ${at}\n\nWriter ${writer} saw ${at} barges.`, {}, path).catch(() => null);
        if (reply?.status !== 200) return;
        acknowledged.push(name);
      }
    };
    const writers = [0, 1, 2].map(write);
    while (acknowledged.length < 20) await new Promise((resolve) => setTimeout(resolve, 10));
    await node.kill('SIGKILL');
    stop.now = true;
    await Promise.all(writers);
    await startNode();
    expect(await readdir(join(data, 'uploads'))).toEqual([]);
    const { documents } = (await get(path)).body;
    const whole = documents.filter((document) => document.whole && document.records === 1).map(({ name }) => name);
    expect(whole).toEqual(expect.arrayContaining(acknowledged));
    const reply = await post('/v1/query', { index: 'kill', query: `Writer 1 saw 2 barges`, topK: 50 });
    expect(reply.body.results.map(({ source }) => source.document)).toContain(acknowledged.at(-1));
  }, 240_000);
});
