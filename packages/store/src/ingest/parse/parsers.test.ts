import { describe, expect, it } from 'vitest';

import type { ParsedDocument, ParseLimits, ParseOutcome } from '../types.ts';
import { parseBytes } from './parse-bytes.ts';

const limits: ParseLimits = {
  fileBytesMax: 8_000_000,
  pdfPagesMax: 100,
  parseTimeMsMax: 60_000,
  workerHeapMegabytesMax: 512,
  workerExternalBytesMax: 1e9,
};
const parseAs = (path: string, content: string | Uint8Array): Promise<ParseOutcome> =>
  parseBytes(typeof content === 'string' ? Buffer.from(content) : content, path, { limits });

async function documentsOf(path: string, content: string | Uint8Array): Promise<ParsedDocument[]> {
  const outcome = await parseAs(path, content);
  if (!outcome.ok) throw new Error(`${outcome.code}: ${outcome.reason}`);
  for (const { text, blocks } of outcome.documents) {
    let at = 0;
    for (const block of blocks) {
      expect(block.start).toBeGreaterThanOrEqual(at);
      expect(block.end).toBeGreaterThan(block.start);
      at = block.end;
    }
    expect(text.length).toBeGreaterThanOrEqual(at);
    expect(text.isWellFormed()).toBe(true);
  }
  return outcome.documents;
}

async function documentOf(path: string, content: string | Uint8Array): Promise<ParsedDocument> {
  const [document] = await documentsOf(path, content);
  if (document === undefined) throw new Error('no document');
  return document;
}

const shown = ({ text, blocks }: ParsedDocument): string[] =>
  blocks.map((block) => `${block.kind}${block.level ?? ''}: ${text.slice(block.start, block.end)}`);

describe('Markdown', () => {
  it('keeps the source as text, with front matter as metadata', async () => {
    const document = await documentOf(
      'a/guide.md',
      '---\ntitle: The Guide\ntags: [a, b]\nyear: 2024\ndraft: false\nnested: {x: 1}\n---\n# Start {#start}\n\nText with `code`.\n\n```sh\nrun\n\nmore\n```\n\n| a | b |\n|--|--|\n| 1 | 2 |\n\n- one\n- two\n\n> [!NOTE]\n> Careful\n',
    );
    expect(document).toMatchObject({ document: 'a/guide.md', title: 'The Guide', uri: null });
    expect(document.metadata).toEqual({ tags: ['a', 'b'], year: 2024, draft: false });
    expect(shown(document)).toEqual([
      'heading1: # Start {#start}',
      'paragraph: Text with `code`.',
      'code: ```sh\nrun\n\nmore\n```',
      'table: | a | b |\n|--|--|\n| 1 | 2 |',
      'list: - one\n- two',
      'quote: > [!NOTE]\n> Careful',
    ]);
    expect(document.blocks[0]?.heading).toBe('Start');
  });

  it('gives each paragraph of a quote a block', async () => {
    const document = await documentOf('x.md', 'Said:\n> one\n> more\n>\n> > two\nlazy\n\n>\n\nEnd');
    expect(shown(document)).toEqual([
      'paragraph: Said:',
      'quote: > one\n> more\n>\n',
      'quote: > > two\nlazy',
      'quote: >',
      'paragraph: End',
    ]);
  });

  it('leaves front matter that is not a YAML mapping in the text, and does not expand aliases', async () => {
    expect((await documentOf('x.md', '---\n- a\n---\nText')).text).toContain('- a');
    const bomb = `---\na: &a [x,x,x,x,x,x,x,x]\n${'bcdefgh'.replace(/./gu, (c, i: number) => `${c}: &${c} [${Array.from({ length: 8 }, () => `*${'abcdefg'[i]}`).join(',')}]\n`)}---\nText`;
    expect((await documentOf('x.md', bomb)).metadata).toEqual({});
    expect(Object.getPrototypeOf((await documentOf('x.md', '---\n__proto__: evil\n---\nText')).metadata)).toBe(Object.prototype);
  });

  it('leaves out embedded pictures', async () => {
    expect((await documentOf('x.md', `![p](data:image/png;base64,${'QUJD'.repeat(5_000)})`)).text.length).toBeLessThan(100);
  });
});

describe('HTML', () => {
  it('gives headings, paragraphs, lists, tables, quotes and code, and no scripts', async () => {
    const html = `<!doctype html><html><head><title>Head</title><style>p{}</style><script>evil()</script></head><body>
      <nav><a href=/>Home</a></nav><h1>Main <em>title</em></h1><p>First   line<br>second&nbsp;line &amp; more</p>
      <ul><li>one<ul><li>deep</li></ul></li><li>two</li></ul><ol><li>first</li><li>next</li></ol>
      <table><caption>Sizes</caption><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2 <b>x</b></td></tr></table>
      <blockquote><p>said</p></blockquote><pre>  if x:
    y</pre><template>no</template><noscript>no</noscript><p hidden>no</p><script>evil()</script></body></html>`;
    const document = await documentOf('p.html', html);
    expect(document.title).toBe('Head');
    expect(shown(document)).toEqual([
      'heading1: Main title',
      'paragraph: First line\nsecond line & more',
      'list: - one',
      'list: - deep',
      'list: - two',
      'list: 1. first',
      'list: 2. next',
      'paragraph: Sizes',
      'table: a | b\n1 | 2 x',
      'quote: said',
      'code:   if x:\n    y',
    ]);
  });

  it('reads layout tables as their contents', async () => {
    const document = await documentOf(
      'p.html',
      '<title>T</title><table><tr><td><h2>Head</h2><p>Text</p><table><tr><td>1<td>2</table></table>',
    );
    expect(document.title).toBe('T');
    expect(shown(document)).toEqual(['heading2: Head', 'paragraph: Text', 'table: 1 | 2']);
  });

  it('survives deep nesting', async () => {
    const depth = 20_000;
    const deep = await documentOf('p.html', `${'<div>'.repeat(depth)}core${'</div>'.repeat(depth)}`);
    expect(deep.text).toBe('core');
    expect((await documentOf('p.html', `${'<b>'.repeat(300)}<i>${'<table><tr><td>'.repeat(300)}core`)).text).toBe('core');
  });
});

describe('plain text and source code', () => {
  it('finds paragraphs and chapters', async () => {
    const document = await documentOf(
      'b.txt',
      'CHAPTER I. The Start\r\n\r\nOne line\r\nand more.\r\n \r\nCHAPTER II\nis named in a paragraph.\n',
    );
    expect(shown(document)).toEqual([
      'heading1: CHAPTER I. The Start',
      'paragraph: One line\nand more.',
      'paragraph: CHAPTER II\nis named in a paragraph.',
    ]);
  });

  it('cuts source code at its top level', async () => {
    const document = await documentOf(
      'src/a.py',
      'import x\n\ndef f():\n    a\n\n    b\n\n\nclass C:\n\n    def g(self):\n        pass\n',
    );
    expect(shown(document)).toEqual([
      'code: import x',
      'code: def f():\n    a\n\n    b',
      'code: class C:\n\n    def g(self):\n        pass',
    ]);
  });

  it('takes one huge line and refuses binary data', async () => {
    expect((await documentOf('a.txt', 'x'.repeat(3_000_000))).blocks).toHaveLength(1);
    expect(await parseAs('a.js', Buffer.alloc(5_000))).toMatchObject({ ok: false, code: 'PARSE_UNSUPPORTED' });
  });
});

describe('JSONL', () => {
  it('makes a document of each line', async () => {
    const lines = [
      '{"_id":"1","title":"T","text":"Body","metadata":{"year":2020,"tags":["a"],"none":null},"url":"https://x.test/1","lang":"en","vec":[1]}',
      '',
      '{"_id":"2","title":"Title alone","text":""}',
      '{"id":7,"text":"No title"}',
    ];
    const documents = await documentsOf('c.jsonl', `\ufeff${lines.join('\r\n')}`);
    expect(new Set(documents.map(({ document }) => document))).toEqual(new Set(['c.jsonl']));
    expect(documents.map(({ row, title, text, uri, metadata }) => ({ row, title, text, uri, metadata }))).toEqual([
      { row: '1', title: 'T', text: 'Body', uri: 'https://x.test/1', metadata: { lang: 'en', year: 2020, tags: ['a'] } },
      { row: '2', title: 'Title alone', text: 'Title alone', uri: null, metadata: {} },
      { row: '7', title: '', text: 'No title', uri: null, metadata: {} },
    ]);
    expect(new Set(documents.map(({ sha256 }) => sha256)).size).toBe(3);
  });

  it('reports records without text and takes the others', async () => {
    const outcome = await parseAs('c.jsonl', '{"_id":"a","title":"","text":" "}\n{"_id":"b","text":"x"}');
    expect(outcome).toMatchObject({
      ok: true,
      documents: [{ document: 'c.jsonl', row: 'b' }],
      skipped: [{ row: 'a', code: 'PARSE_NO_TEXT' }],
    });
    expect(await parseAs('c.jsonl', '{"_id":"a","text":""}')).toMatchObject({ ok: false, code: 'PARSE_NO_TEXT' });
  });

  it.each([
    ['{"_id":"1","text":"x"', 'Line 2 is not JSON'],
    ['[1]', 'Line 2 is not a JSON object'],
    ['{"text":"x"}', 'Line 2 has no _id'],
    ['{"_id":" ","text":"x"}', 'Line 2 has an _id that is empty'],
    ['{"_id":"1"}', 'Line 2 has no text'],
    ['{"_id":"1","text":5}', 'Line 2 has no text'],
    ['{"_id":"1","text":"x","title":[]}', 'Line 2 has a title'],
    ['{"_id":"1","text":"x","metadata":{"a":{"b":1}}}', 'Line 2 has metadata "a"'],
    ['{"_id":"0","text":"x"}', 'Line 2 repeats the _id "0" of line 1'],
    [Buffer.from('{"_id":"1","text":"\xff"}', 'latin1'), 'Line 2 is not UTF-8'],
  ])('refuses the file for the line %s', async (line, reason) => {
    const file = Buffer.concat([Buffer.from('{"_id":"0","text":"good"}\n'), Buffer.from(line), Buffer.from('\n')]);
    expect(await parseAs('c.jsonl', file)).toMatchObject({
      ok: false,
      code: 'PARSE_MALFORMED',
      reason: expect.stringContaining(reason),
    });
  });
});

describe('CSV', () => {
  it('reads id, title and text, and types the other columns', async () => {
    const csv =
      'id,Title,Body,year,zip,ok,note\nr1,One,"Quoted, ""text""\nsecond line",2020,01234,true,\nr2,Two,Plain,2021.5,99999,false,n\n';
    const documents = await documentsOf('t.csv', csv);
    expect(documents).toMatchObject([
      {
        document: 't.csv',
        row: 'r1',
        title: 'One',
        text: 'Quoted, "text"\nsecond line',
        metadata: { year: 2020, zip: '01234', ok: true },
      },
      {
        document: 't.csv',
        row: 'r2',
        title: 'Two',
        text: 'Plain',
        metadata: { year: 2021.5, zip: '99999', ok: false, note: 'n' },
      },
    ]);
  });

  it('knows semicolons and tabs, and names rows without an id by their number', async () => {
    expect(await documentsOf('t.csv', 'title;text\nA;b, c\n')).toMatchObject([
      { document: 't.csv', row: '1', title: 'A', text: 'b, c' },
    ]);
    expect(await documentsOf('t.tsv', 'title\ttext\nA\tb\n')).toMatchObject([{ document: 't.tsv', row: '1', text: 'b' }]);
  });

  it.each([
    ['a,b\n1,2\n', 'no column text'],
    ['id,text\n1,a\n1,b\n', 'repeats the id'],
    ['id,text\n1,a,b\n', 'malformed'],
    [`id,text\n1,"${'x,\n'.repeat(100_000)}`, 'malformed'],
    [`id,text\n1,"${'x'.repeat(7_999_000)}`, 'malformed'],
  ])('refuses %#', async (csv, reason) => {
    expect(await parseAs('t.csv', csv)).toMatchObject({
      ok: false,
      code: 'PARSE_MALFORMED',
      reason: expect.stringContaining(reason),
    });
  });
});

describe('parseBytes', () => {
  it('says why a file is not read', async () => {
    expect(await parseAs('x.exe', 'MZ')).toMatchObject({ ok: false, file: 'x.exe', code: 'PARSE_UNSUPPORTED' });
    expect(await parseAs('x.md', '')).toMatchObject({ ok: false, code: 'PARSE_NO_TEXT' });
    expect(await parseAs('x.md', '---\ntitle: Nothing else\n---\n\n')).toMatchObject({
      ok: false,
      code: 'PARSE_NO_TEXT',
      reason: expect.stringContaining('front matter'),
    });
    expect(await parseAs('x.txt', ' \n')).toMatchObject({ ok: false, code: 'PARSE_NO_TEXT' });
    expect(await parseAs('x.txt', Buffer.alloc(limits.fileBytesMax + 1, 'a'))).toMatchObject({
      ok: false,
      code: 'PARSE_TOO_LARGE',
    });
    expect(await parseAs('x.pdf', 'not a PDF')).toMatchObject({ ok: false, code: 'PARSE_MALFORMED' });
    expect(await parseAs('x.docx', 'not a zip')).toMatchObject({ ok: false, code: 'PARSE_MALFORMED' });
  });
});
