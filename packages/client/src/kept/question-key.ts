import { sha256, toBase64url, toHex, utf8 } from '@tributary/proof/primitives';
import { TributaryError } from '@tributary/schemas';
import type { QuestionKey } from '../wallet/wallet.ts';
import { questionKeyCharsMax } from './limits.ts';

/** Printable ASCII without spaces, so that it means the same in a header, a row and a log. */
const NAME = /^[\x21-\x7e]+$/;

/**
 * A caller's key with the hash of its question. Members that were left out, and the order of members, make no
 * difference.
 *
 * @throws TributaryError INPUT_SHAPE
 */
export function toQuestionKey(name: string, kind: 'question' | 'bytes' | 'texts', question: object): QuestionKey {
  if (name.length > questionKeyCharsMax || !NAME.test(name)) {
    throw new TributaryError(
      'INPUT_SHAPE',
      `the key of a question has 1 to ${questionKeyCharsMax} printable ASCII characters without spaces`,
    );
  }
  return { name, question: toHex(sha256(utf8(`tributary/question-key/v1\n${kind}\n${textOf(question)}`))) };
}

/** One text for equal values. Vectors and large integers have no JSON of their own. */
function textOf(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) => {
    if (typeof member === 'bigint') return { bigint: String(member) };
    if (ArrayBuffer.isView(member))
      return { bytes: toBase64url(new Uint8Array(member.buffer, member.byteOffset, member.byteLength)) };
    if (typeof member !== 'object' || member === null || Array.isArray(member)) return member;
    return Object.fromEntries(Object.entries(member).toSorted(([one], [other]) => (one < other ? -1 : 1)));
  });
}
