// Domain tags of docs/spec/encoding.md. Every hashed or signed byte string starts with one, so that no two meanings
// share bytes.
import { utf8 } from './bytes.ts';

const tag = (name: string): Uint8Array => utf8(`tributary/${name}/v1\n`);

export const TAG_SALT = tag('salt');
export const TAG_FIELD = tag('field');
export const TAG_RECORD = tag('record');
export const TAG_LEAF = tag('leaf');
export const TAG_PUT = tag('put');
export const TAG_DELETE = tag('delete');
export const TAG_WRITE = tag('write');
export const TAG_WRITERS = tag('writers');
export const TAG_MANIFEST = tag('manifest');
export const TAG_IDENTITY = tag('identity');
export const TAG_OFFER = tag('offer');
export const TAG_MODEL = tag('model');
export const TAG_REQUEST = tag('request');
export const TAG_RESPONSE = tag('response');
export const TAG_SHOWN = tag('shown');
export const TAG_TICKET = tag('ticket');
