import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';

import type { PDFDocumentProxy, PDFPageProxy } from 'pdfjs-dist/legacy/build/pdf.mjs';

import { StoreError } from '../../../errors.ts';
import { textUnitsMax } from '../../../limits.ts';
import type { Parser, ParserOptions } from '../../types.ts';
import { readingOrder } from './columns.ts';
import { linesOf, type GlyphRun } from './lines.ts';
import { pdfBlocks, type PageLines } from './paragraphs.ts';
import { fileDocument, tooMuchText } from '../text-builder.ts';
import { chooseTitle, documentHeading } from '../title.ts';

type PdfModule = typeof import('pdfjs-dist/legacy/build/pdf.mjs');

/** Presentation forms and ligatures, which stand for the plain letters that people type. */
const PRESENTATION_FORMS = /[\ufb00-\ufd3d\ufd40-\ufdff\ufe70-\ufefc\u2e80-\u2fd5\uf900-\ufaff]+/gu;
/** Titles that a program made up. */
const PROGRAM_TITLE = /^(?:untitled|microsoft (?:word|powerpoint)\b.*|.*\.(?:dvi|docx?|tex|indd|qxd|pdf|rtf)|document\d*)$/iu;

/** PDF: text of each page in reading order. No script runs, no font is loaded, nothing is fetched. */
export const pdfParser: Parser = {
  async parse(bytes, file, options) {
    const pdf = await loadLibrary();
    const task = pdf.getDocument(sources(bytes));
    task.onPassword = passwordsOf(options);
    try {
      const document = await task.promise.catch((error: unknown) => {
        throw openError(error, options);
      });
      const { pdfPagesMax } = options.limits;
      if (document.numPages > pdfPagesMax) {
        throw new StoreError(
          'PARSE_TOO_MANY_PAGES',
          `The PDF has ${document.numPages} pages; at most ${pdfPagesMax} are read. Split it.`,
        );
      }
      const stated = await statedTitle(document);
      const { text, blocks } = pdfBlocks(await readPages(document));
      const title = chooseTitle(file.path, stated, documentHeading(blocks));
      return fileDocument(file.path, bytes, { title, text, blocks, metadata: { pages: document.numPages } });
    } finally {
      await task.destroy();
    }
  },
};

/** pdf.js looks for drawing classes when it is loaded; text extraction never uses them, so empty ones keep it quiet. */
async function loadLibrary(): Promise<PdfModule> {
  for (const name of ['DOMMatrix', 'ImageData', 'Path2D']) {
    if (!(name in globalThis)) Object.defineProperty(globalThis, name, { value: class {}, configurable: true, writable: true });
  }
  return import('pdfjs-dist/legacy/build/pdf.mjs');
}

function sources(bytes: Uint8Array): Parameters<PdfModule['getDocument']>[0] {
  const home = dirname(createRequire(import.meta.url).resolve('pdfjs-dist/package.json'));
  return {
    // The library takes the buffer over.
    data: Uint8Array.from(bytes),
    // Tables for Chinese, Japanese and Korean fonts that a file names without holding them; read from the package.
    cMapUrl: join(home, 'cmaps') + sep,
    cMapPacked: true,
    standardFontDataUrl: join(home, 'standard_fonts') + sep,
    useSystemFonts: false,
    disableFontFace: true,
    useWorkerFetch: false,
    useWasm: false,
    isOffscreenCanvasSupported: false,
    enableXfa: false,
    maxImageSize: 1,
    verbosity: 0,
  };
}

const NO_PASSWORD = 'no password opens it';

/** Gives the library one password after the other. */
function passwordsOf({ passwords = [] }: ParserOptions): (answer: (password: string | Error) => void) => void {
  const left = [...passwords];
  return (answer) => answer(left.shift() ?? new Error(NO_PASSWORD));
}

function openError(error: unknown, options: ParserOptions): StoreError {
  const { name, message: said } = error instanceof Error ? error : { name: '', message: '' };
  if (name === 'PasswordException' || said.includes(NO_PASSWORD)) {
    const message =
      (options.passwords ?? []).length === 0
        ? 'The PDF is encrypted. Give its password in a file (--password-file), or save it without one.'
        : 'The PDF is encrypted, and none of the passwords given opens it.';
    return new StoreError('PARSE_ENCRYPTED', message, { cause: error });
  }
  return new StoreError('PARSE_MALFORMED', 'The file is not a readable PDF: its structure is damaged.', { cause: error });
}

async function readPages(document: PDFDocumentProxy): Promise<PageLines[]> {
  const pages: PageLines[] = [];
  let units = 0;
  let failed = 0;
  for (let number = 1; number <= document.numPages; number += 1) {
    try {
      const page = await document.getPage(number);
      const lines = readingOrder(linesOf(await readRuns(page)));
      pages.push({ page: number, lines });
      units += lines.reduce((sum, line) => sum + line.text.length, 0);
      page.cleanup();
    } catch {
      failed += 1;
    }
    if (units > textUnitsMax) throw tooMuchText();
  }
  if (failed > 0) {
    throw new StoreError(
      'PARSE_MALFORMED',
      `${failed} of the PDF's ${document.numPages} pages cannot be read: the file is damaged.`,
    );
  }
  return pages;
}

async function readRuns(page: PDFPageProxy): Promise<GlyphRun[]> {
  // The library would split ligatures before it turns right-to-left runs around, which swaps their letters; done here
  // afterwards.
  const content = await page.getTextContent({ disableNormalization: true });
  const runs: GlyphRun[] = [];
  for (const item of content.items) {
    if (!('str' in item) || item.str === '') continue;
    const [a = 0, b = 0, , , x = 0, y = 0] = item.transform.map(Number);
    // Text that does not run from left to right, such as a stamp in the margin, is read along its own direction.
    const upright = Math.abs(b) <= Math.abs(a);
    runs.push({
      text: plainLetters(item.str),
      x: upright ? x : y,
      y: upright ? y : -x,
      width: item.width,
      size: Math.max(1, Math.hypot(a, b)),
      rightToLeft: item.dir === 'rtl',
    });
  }
  return runs;
}

function plainLetters(text: string): string {
  return text
    .replace(PRESENTATION_FORMS, (form) => form.normalize('NFKC'))
    .replaceAll('\u00a0', ' ')
    .normalize('NFC');
}

async function statedTitle(document: PDFDocumentProxy): Promise<string | undefined> {
  try {
    const { info } = await document.getMetadata();
    const title: unknown = 'Title' in info ? info.Title : undefined;
    return typeof title === 'string' && !PROGRAM_TITLE.test(title.trim()) ? title : undefined;
  } catch {
    return undefined;
  }
}
