import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, describe, expect, it } from 'vitest';

import { openParser, type DocumentParser } from './parse.ts';
import { pdfOf } from './fixtures.suite.ts';

const open: DocumentParser[] = [];
const parserWith = (options: Parameters<typeof openParser>[0]): DocumentParser => {
  const parser = openParser(options);
  open.push(parser);
  return parser;
};
afterEach(async () => {
  await Promise.all(open.splice(0).map((parser) => parser.close()));
});

const good = (index = 0): { bytes: Uint8Array; relative: string } => ({
  bytes: Buffer.from(`# Title ${index}\n\nText.`),
  relative: `${index}.md`,
});
/** Emphasis marks that never match: the time to parse them grows with the square of their number. */
const slow = { bytes: Buffer.from('*a_'.repeat(200_000)), relative: 'slow.md' };
const ok = { ok: true };

describe('openParser', () => {
  it('parses files from disk and memory in workers, more files than workers', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tributary-parse-'));
    try {
      await writeFile(join(folder, 'a.md'), '# From disk');
      const parser = parserWith({ workers: 2 });
      const outcomes = await Promise.all([
        parser.parse({ absolute: join(folder, 'a.md'), relative: 'a.md' }),
        ...Array.from({ length: 9 }, (_, index) => parser.parse(good(index))),
      ]);
      const titles = outcomes.map((outcome) => (outcome.ok ? outcome.documents[0]?.title : outcome.reason));
      expect(titles).toEqual(['From disk', ...Array.from({ length: 9 }, (_, index) => `Title ${index}`)]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('ends a parse at the time limit and continues with the next file', async () => {
    const parser = parserWith({ workers: 1, limits: { parseTimeMsMax: 2_000 } });
    expect(await parser.parse(slow)).toMatchObject({ ok: false, file: 'slow.md', code: 'PARSE_TIMEOUT' });
    // A new worker is started in its place.
    expect(await parser.parse({ bytes: Buffer.from('text'), relative: 'a.txt' })).toMatchObject(ok);
  });

  it('gives up a file that fills the heap, and continues', async () => {
    const parser = parserWith({ workers: 1, limits: { workerHeapMegabytesMax: 32 } });
    const heavy = { bytes: Buffer.from('a **b** `c` [d](e)\n\n'.repeat(200_000)), relative: 'heavy.md' };
    expect(await parser.parse(heavy)).toMatchObject({ ok: false, code: 'PARSE_OUT_OF_MEMORY' });
    expect(await parser.parse(good())).toMatchObject(ok);
  });

  it('gives up a PDF that draws without end', async () => {
    const parser = parserWith({ workers: 1, limits: { parseTimeMsMax: 2_000 } });
    // Each form draws the next ten times, so the last would be drawn 10^12 times.
    const forms = Array.from({ length: 12 }, (_, index) =>
      index === 11 ? 'BT /F1 9 Tf (x) Tj ET' : `/X${index + 1} Do `.repeat(10),
    );
    const endless = pdfOf(['/X0 Do'], undefined, forms);
    const outcome = await parser.parse({ bytes: endless, relative: 'endless.pdf' });
    expect(outcome).toMatchObject({ ok: false });
    if (!outcome.ok) expect(['PARSE_TIMEOUT', 'PARSE_OUT_OF_MEMORY']).toContain(outcome.code);
  }, 20_000);

  it('gives up a file whose buffers outgrow the bound', async () => {
    const parser = parserWith({ workers: 1, limits: { workerExternalBytesMax: 1 } });
    expect(await parser.parse(slow)).toMatchObject({ ok: false, code: 'PARSE_OUT_OF_MEMORY' });
  });

  it('reports files that are missing, folders, sockets and those over the size limit', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tributary-parse-'));
    try {
      const parser = parserWith({ workers: 1, limits: { fileBytesMax: 10 } });
      await writeFile(join(folder, 'big.md'), 'x'.repeat(11));
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(join(folder, 'socket.md'), resolve));
      const codeOf = async (name: string): Promise<unknown> => {
        const outcome = await parser.parse({ absolute: join(folder, name), relative: name });
        return outcome.ok ? 'ok' : outcome.code;
      };
      expect(await codeOf('missing.md')).toBe('PARSE_UNREADABLE');
      expect(await codeOf('.')).toBe('PARSE_UNREADABLE');
      expect(await codeOf('socket.md')).toBe('PARSE_UNREADABLE');
      server.close();
      expect(await codeOf('big.md')).toBe('PARSE_TOO_LARGE');
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('ends a running and a waiting parse when aborted, and stays usable', async () => {
    const parser = parserWith({ workers: 1 });
    const controller = new AbortController();
    const reason = new Error('enough');
    const running = parser.parse(slow, { signal: controller.signal });
    const waiting = parser.parse(good(1), { signal: controller.signal });
    const other = parser.parse(good(2));
    setTimeout(() => controller.abort(reason), 50);
    expect(await Promise.allSettled([running, waiting])).toEqual([
      { status: 'rejected', reason },
      { status: 'rejected', reason },
    ]);
    expect(await other).toMatchObject(ok);
    await expect(parser.parse(good(), { signal: controller.signal })).rejects.toBe(reason);
  });

  it('ends running parses when closed, and accepts no more', async () => {
    const parser = parserWith({ workers: 1 });
    const running = parser.parse(slow);
    const waiting = parser.parse(good());
    const closed = [
      expect(running).rejects.toMatchObject({ code: 'STORE_CLOSED' }),
      expect(waiting).rejects.toMatchObject({ code: 'STORE_CLOSED' }),
    ];
    await parser.close();
    await Promise.all(closed);
    await expect(parser.parse(good())).rejects.toMatchObject({ code: 'STORE_CLOSED' });
  });
});
