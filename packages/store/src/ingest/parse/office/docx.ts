import mammoth from 'mammoth';
import { parseFragment } from 'parse5';

import { StoreError } from '../../../errors.ts';
import type { Parser } from '../../types.ts';
import { checkArchive } from './docx-archive.ts';
import { lineOf } from '../html/tree.ts';
import { readHtml } from '../html/html.ts';
import { fileDocument } from '../text-builder.ts';
import { chooseTitle } from '../title.ts';

/** The first bytes of an OLE container: a binary .doc, or the container of an encrypted DOCX ([MS-CFB] 2.2). */
const OLE_SIGNATURE = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];
/** "EncryptedPackage" in UTF-16, the stream that holds an encrypted DOCX ([MS-OFFCRYPTO] 2.3.4.4). */
const ENCRYPTED_STREAM = Buffer.from('EncryptedPackage', 'utf16le');
const STYLES = ["p[style-name='Title'] => h1:fresh", "p[style-name='Subtitle'] => p:fresh"];

/** Word documents, converted by way of HTML. Pictures are left out; nothing outside the file is read. */
export const docxParser: Parser = {
  async parse(bytes, file) {
    if (OLE_SIGNATURE.every((byte, index) => bytes[index] === byte)) throw oleError(bytes);
    const properties = checkArchive(bytes, 'docProps/core.xml');
    const html = await toHtml(bytes);
    const { title: stated, text, blocks } = readHtml(html);
    const title = chooseTitle(file.path, statedTitle(properties), stated);
    return fileDocument(file.path, bytes, { title, text, blocks, metadata: {} });
  },
};

function oleError(bytes: Uint8Array): StoreError {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(ENCRYPTED_STREAM)
    ? new StoreError('PARSE_ENCRYPTED', 'The document is encrypted. Save it without a password.')
    : new StoreError('PARSE_UNSUPPORTED', 'The file is an old binary Office file. Save it as DOCX.');
}

async function toHtml(bytes: Uint8Array): Promise<string> {
  try {
    const result = await mammoth.convertToHtml(
      { buffer: Buffer.from(bytes) },
      { styleMap: STYLES, externalFileAccess: false, convertImage: mammoth.images.imgElement(async () => ({ src: '' })) },
    );
    return result.value;
  } catch (error) {
    throw new StoreError('PARSE_MALFORMED', 'The file is not a readable DOCX document.', { cause: error });
  }
}

function statedTitle(properties: Uint8Array | null): string | undefined {
  if (properties === null) return undefined;
  const found = /<dc:title>([^<]{1,2000})<\/dc:title>/u.exec(Buffer.from(properties).toString('utf8'));
  return found?.[1] === undefined ? undefined : lineOf(parseFragment(found[1]));
}
