import { parse } from 'parse5';

import type { Block, Parser } from '../../types.ts';
import { decodeText } from '../text/encoding.ts';
import { htmlBlocks } from './blocks.ts';
import { descendants, isElement, lineOf, type HtmlNode } from './tree.ts';
import { fileDocument } from '../text-builder.ts';
import { chooseTitle, documentHeading, pageTitle } from '../title.ts';

/** The part in which browsers look for the declared encoding (HTML standard, "prescan a byte stream"). */
const PRESCAN_BYTES = 4_096;

/** HTML without scripts, styles and navigation. Nothing is fetched or executed. */
export const htmlParser: Parser = {
  async parse(bytes, file) {
    const { text: source, encoding } = decodeText(bytes, declaredEncoding(bytes));
    const { title: stated, text, blocks } = readHtml(source);
    const title = chooseTitle(file.path, stated);
    return fileDocument(file.path, bytes, { title, text, blocks, metadata: encoding === 'utf-8' ? {} : { encoding } });
  },
};

/**
 * Blocks of an HTML page and its title: `<title>` without the site's name, otherwise the heading that names the
 * document.
 */
export function readHtml(source: string): { title: string | undefined; text: string; blocks: Block[] } {
  const tree = parse(source);
  const { text, blocks } = htmlBlocks(tree);
  return { title: pageTitle(titleElement(tree), documentHeading(blocks)), text, blocks };
}

/** The name in `<meta charset>`, its `http-equiv` form, or the XML declaration; undefined when there is none. */
export function declaredEncoding(bytes: Uint8Array): string | undefined {
  const head = Buffer.from(bytes.subarray(0, PRESCAN_BYTES)).toString('latin1');
  const found =
    /<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]{1,40})/iu.exec(head) ??
    /^<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{1,40})/iu.exec(head);
  return found?.[1];
}

function titleElement(tree: HtmlNode): string {
  const stack = 'childNodes' in tree ? [...tree.childNodes] : [];
  const html = stack.find((node) => isElement(node) && node.tagName === 'html');
  const head =
    html !== undefined && 'childNodes' in html
      ? html.childNodes.find((node) => isElement(node) && node.tagName === 'head')
      : undefined;
  if (head === undefined) return '';
  for (const node of descendants(head)) {
    if (isElement(node) && node.tagName === 'title') return lineOf(node);
  }
  return '';
}
