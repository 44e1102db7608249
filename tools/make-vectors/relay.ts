// Writes schemas/vectors/relay.{valid,invalid}.json: `node tools/make-vectors/relay.ts`. Frames are assembled by hand
// after the page, not by the codec, so that a change of the codec shows.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FRAME } from '../../schemas/src/index.ts';
import { toHex } from '../../packages/proof/src/bytes.ts';
import { makeTestBundle } from '../../packages/proof/test/_bundle.ts';
import { invalid, valid, type VectorCase, type Vectors } from './case.ts';

const bundle = makeTestBundle();
const free = makeTestBundle({ free: true });
const { ticket, voucher } = bundle.payment!;
const { nonce, body } = bundle.request;
const ask = { nonce, offer: ticket.offer, ticketId: ticket.id, deadline: ticket.deadline, payment: { ticket, voucher } };
const hello = { v: 1, requestsMax: 256, windowBytes: 4_194_304, recordsBytesMax: 16_777_216 };
const refusal = { code: 'RATE_LIMITED', message: 'slow down: 60 queries a minute, é 😀', retryAfterMs: 1_000 };

interface Parts {
  type: number;
  id: number | bigint;
  head: string;
  body?: string;
  /** The stated length, when it is false. */
  length?: number;
  headLength?: number;
}

function frame({ type, id, head, body: text = '', length, headLength }: Parts): Buffer {
  const headBytes = Buffer.from(head);
  const bodyBytes = Buffer.from(text);
  const prefix = Buffer.alloc(17);
  prefix.writeUInt32BE(length ?? 13 + headBytes.length + bodyBytes.length, 0);
  prefix.writeUInt8(type, 4);
  prefix.writeBigUInt64BE(BigInt(id), 5);
  prefix.writeUInt32BE(headLength ?? headBytes.length, 13);
  return Buffer.concat([prefix, headBytes, bodyBytes]);
}

function good(comment: string, type: number, id: number | bigint, head: object, text = ''): VectorCase {
  const hex = toHex(frame({ type, id, head: JSON.stringify(head), body: text }));
  return valid('frame', comment, { hex }, { type, id: String(id), head, body: text });
}
const protocol = (comment: string, parts: Parts) => invalid('frame', 'LINK_PROTOCOL', comment, { hex: toHex(frame(parts)) });
/** Only the first 17 bytes, which announce too much. Nothing after them is read. */
const limit = (comment: string, parts: Omit<Parts, 'head'>) =>
  invalid('frame', 'LINK_LIMIT', comment, { hex: toHex(frame({ ...parts, head: '' })) });

const cancel = { type: FRAME.cancel, id: 1, head: '{}' };
const over = (type: number, head: number, text = 0) => ({
  type,
  id: type === FRAME.hello || type === FRAME.credit ? 0 : 1,
  length: 13 + head + text,
  headLength: head,
});

const relay: Vectors = {
  valid: [
    good('hello', FRAME.hello, 0, hello),
    good('a paid ask', FRAME.ask, 1, ask, body),
    good('a free ask with the highest id', FRAME.ask, 2n ** 53n - 1n, { ...ask, payment: null }, body),
    good('an answer', FRAME.answer, 1, { receipt: bundle.receipt }, '{"v":1,"é":"the exact bytes of the answer"}'),
    good('a free answer without a body', FRAME.answer, 4_294_967_296n, { receipt: free.receipt }),
    good('a refusal', FRAME.refusal, 7, refusal),
    good('a refusal without a pause and with a code of the future', FRAME.refusal, 7, {
      code: 'X',
      message: '',
      retryAfterMs: null,
    }),
    good('a call', FRAME.call, 3, { method: 'credit', params: { payer: bundle.payment!.terms.payer } }),
    good('a result', FRAME.result, 3, { result: { available: '1000', unit: 'credit' } }),
    good('credit', FRAME.credit, 0, { bytes: 4_096 }),
    good('a cancel', FRAME.cancel, 9, {}),
  ],
  invalid: [
    protocol('type 0', { ...cancel, type: 0 }),
    protocol('type 9', { ...cancel, type: 9 }),
    protocol('a hello with an id', { type: FRAME.hello, id: 1, head: JSON.stringify(hello) }),
    protocol('credit with an id', { type: FRAME.credit, id: 1, head: '{"bytes":1}' }),
    protocol('an ask without an id', { type: FRAME.ask, id: 0, head: JSON.stringify(ask), body }),
    protocol('an id that is no safe integer', { ...cancel, id: 2n ** 53n }),
    protocol('a frame shorter than its head', { ...cancel, headLength: 3 }),
    protocol('no head', { ...cancel, head: '' }),
    protocol('a head that is not JSON', { ...cancel, head: '{]' }),
    protocol('white space in the head', { ...cancel, head: '{ }' }),
    protocol('an unknown member in the head', { ...cancel, head: '{"why":"late"}' }),
    protocol('another version', { type: FRAME.hello, id: 0, head: JSON.stringify({ ...hello, v: 2 }) }),
    protocol('no place for any request', { type: FRAME.hello, id: 0, head: JSON.stringify({ ...hello, requestsMax: 0 }) }),
    protocol('more memory for records than a side may have', {
      type: FRAME.hello,
      id: 0,
      head: JSON.stringify({ ...hello, recordsBytesMax: 16_777_217 }),
    }),
    protocol('no word on the memory for records', {
      type: FRAME.hello,
      id: 0,
      head: JSON.stringify({ ...hello, recordsBytesMax: undefined }),
    }),
    protocol('credit for no bytes', { type: FRAME.credit, id: 0, head: '{"bytes":0}' }),
    protocol('a payment left out', { type: FRAME.ask, id: 1, head: JSON.stringify({ ...ask, payment: undefined }), body }),
    protocol('a nonce of 31 bytes', { type: FRAME.ask, id: 1, head: JSON.stringify({ ...ask, nonce: nonce.slice(2) }), body }),
    protocol('a head nested too deep', { type: FRAME.result, id: 1, head: `{"result":${'['.repeat(64)}${']'.repeat(64)}}` }),
    limit('a frame over the bound', { type: FRAME.result, id: 1, length: 4_259_841, headLength: 2 }),
    limit('a hello with a head over its bound', over(FRAME.hello, 257)),
    limit('an ask with a head over its bound', over(FRAME.ask, 65_537)),
    limit('an ask with a body over its bound', over(FRAME.ask, 2, 262_145)),
    limit('an answer with a head over its bound', over(FRAME.answer, 65_537)),
    limit('an answer with a body over its bound', over(FRAME.answer, 2, 4_194_305)),
    limit('a refusal with a head over its bound', over(FRAME.refusal, 16_385)),
    limit('a refusal with a body', over(FRAME.refusal, 2, 1)),
    limit('a call with a head over its bound', over(FRAME.call, 1_048_577)),
    limit('a result with a body', over(FRAME.result, 2, 1)),
    limit('credit with a body', over(FRAME.credit, 2, 1)),
    limit('a cancel with a head over its bound', over(FRAME.cancel, 257)),
  ],
};

/** Text of each file, by its name in schemas/vectors. */
export function vectorFiles(): Map<string, string> {
  const text = (cases: readonly VectorCase[]) => `${JSON.stringify(cases, null, 2)}\n`;
  return new Map([
    ['relay.valid.json', text(relay.valid)],
    ['relay.invalid.json', text(relay.invalid)],
  ]);
}

if (import.meta.main) {
  const folder = join(import.meta.dirname, '../../schemas/vectors');
  for (const [name, text] of vectorFiles()) writeFileSync(join(folder, name), text);
}
