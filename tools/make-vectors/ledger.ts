// Writes schemas/vectors/ledger.{valid,invalid}.json: `node tools/make-vectors/ledger.ts`. Bodies are written by hand
// after the page, not by the code of the ledger, so that a change of the code shows.
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ZERO_HASH } from '@tributary/proof/primitives';
import { channelId, signOpenChannel } from '../../packages/proof/src/payment/channel.ts';
import { networkOf } from '../../packages/proof/src/payment/network.ts';
import { receiptHash } from '../../packages/proof/src/payment/receipt.ts';
import { ticketHash } from '../../packages/proof/src/payment/voucher.ts';
import { signDigest } from '../../packages/proof/src/payment/eip712.ts';
import { addressOf, makeTestBundle, receiptKey } from '../../packages/proof/test/_bundle.ts';
import { INDEX, OWNER, seed } from '../../packages/proof/test/_index.ts';
import { invalid, TIME_MS, valid, type VectorCase, type Vectors } from './case.ts';

const network = networkOf(OWNER);
const { payment, receipt } = makeTestBundle();
const { terms, ticket, voucher } = payment!;
const channel = channelId(terms, network);
const open = signOpenChannel(terms, { deposit: '5000', nonce: ZERO_HASH }, network, seed('payer'));
const first = { ...receipt, sequence: 1, chargedTotal: receipt.charge, previous: ZERO_HASH };
const held = { cumulative: voucher.cumulative, ctx: ticketHash(ticket), signature: voucher.signature };

const grant = { v: 1, entry: 1, type: 'grant', at: TIME_MS, payer: terms.payer, amount: '10000', note: 'a café in spring 😀' };
const opening = {
  v: 1,
  entry: 2,
  type: 'open',
  at: TIME_MS + 1,
  channel,
  terms,
  deposit: open.deposit,
  signature: open.signature,
};
const charge = {
  v: 1,
  entry: 3,
  type: 'charge',
  at: TIME_MS + 2,
  channel,
  ticket: ticket.id,
  index: INDEX,
  sequence: 1,
  status: 'ok',
  charge: first.charge,
  chargedTotal: first.chargedTotal,
  receiptHash: receiptHash(first, network),
  voucher: held,
  journal: ZERO_HASH,
  keepUntil: TIME_MS + 600_002,
};
const free = { ...charge, entry: 4, at: TIME_MS + 3, ticket: 'A'.repeat(22), sequence: 2, status: 'empty', charge: '0' };
const close = { v: 1, entry: 5, type: 'close', at: TIME_MS + 4, channel, refunded: String(5_000n - BigInt(first.charge)) };
const chain: [string, object][] = [
  ['a grant, the first entry', grant],
  ['an opening', opening],
  ['a charge', charge],
  ['an answer that was empty', free],
  ['a close', close],
];

/** `H("tributary/ledger-entry/v1\n" ‖ previous hash ‖ body)` */
function hashOf(previous: string, body: string): string {
  return createHash('sha256').update('tributary/ledger-entry/v1\n').update(previous, 'hex').update(body).digest('hex');
}

function chained(): VectorCase[] {
  let previous = ZERO_HASH;
  return chain.map(([comment, entry]) => {
    const body = JSON.stringify(entry);
    const hash = hashOf(previous, body);
    const made = valid('entry', comment, { previous, body }, { entry, hash });
    previous = hash;
    return made;
  });
}
const refused = (code: string, comment: string, body: string) => invalid('entry', code, comment, { previous: ZERO_HASH, body });
const text = JSON.stringify;
const shape = (comment: string, entry: object) => refused('INPUT_SHAPE', comment, text(entry));
const spelling = (comment: string, body: string) => refused('INPUT_NOT_CANONICAL', comment, body);

const lastHash = () => (chained().at(-1)!.expect as { hash: string }).hash;
const books = {
  v: 1,
  type: 'tributary/ledger-checkpoint',
  network: network.id,
  entry: chain.length,
  hash: lastHash(),
  at: TIME_MS + 5,
  accounts: [
    {
      payer: terms.payer,
      granted: '10000',
      available: String(10_000n - BigInt(first.charge)),
      locked: '0',
      spent: first.charge,
    },
  ],
  channels: [
    {
      channel,
      terms,
      deposit: '5000',
      charged: first.charge,
      sequence: 2,
      receiptHash: receiptHash(first, network),
      voucher: held,
      closed: true,
    },
  ],
  earned: [{ day: new Date(TIME_MS).toISOString().slice(0, 10), index: INDEX, answers: 2, charged: first.charge }],
};
/** Signature over `H("tributary/ledger-checkpoint/v1\n" ‖ body)`, line feed, body. */
function checkpointFile(body: string, key = receiptKey): string {
  const digest = createHash('sha256').update('tributary/ledger-checkpoint/v1\n').update(body).digest();
  return `${signDigest(digest, key)}\n${body}`;
}
const signer = addressOf(receiptKey);
const checkpointed = (comment: string, file: string) =>
  invalid('checkpoint', 'LEDGER_DAMAGED', comment, { file, network, signer });
const goodFile = checkpointFile(JSON.stringify(books));

const ledger: Vectors = {
  valid: [
    ...chained(),
    valid(
      'checkpoint',
      'the books after all of these',
      { file: goodFile, network, signer },
      { entry: chain.length, hash: lastHash(), books },
    ),
  ],
  invalid: [
    shape('another version', { ...grant, v: 2 }),
    shape('an unknown type', { ...grant, type: 'gift' }),
    shape('entry 0', { ...grant, entry: 0 }),
    shape('an unknown member', { ...grant, by: 'me' }),
    shape('a member left out', { ...grant, note: undefined }),
    shape('an amount as a number', { ...grant, amount: 10_000 }),
    shape('an amount of 2^128', { ...grant, amount: String(1n << 128n) }),
    shape('a negative amount', { ...grant, amount: '-1' }),
    shape('an address with upper-case digits', { ...grant, payer: `0x${'A'.repeat(40)}` }),
    shape('a note of 257 bytes', { ...grant, note: 'x'.repeat(257) }),
    shape('a deposit without its signature', { ...opening, signature: '' }),
    shape('receipt number 0', { ...charge, sequence: 0 }),
    shape('an unknown status', { ...charge, status: 'late' }),
    shape('a voucher without its context', { ...charge, voucher: { ...held, ctx: undefined } }),
    spelling('white space', text(grant).replace(',', ', ')),
    spelling('a member twice', text(grant).replace('"v":1', '"v":1,"v":1')),
    spelling('an escape that is not needed', text(grant).replace('é', String.raw`\u00e9`)),
    refused('INPUT_NOT_JSON', 'half an entry', text(grant).slice(0, 40)),
    checkpointed('a checkpoint cut short', goodFile.slice(0, 400)),
    checkpointed('a checkpoint without its signature', JSON.stringify(books)),
    checkpointed('a checkpoint with one digit changed', goodFile.replace('"granted":"10000"', '"granted":"90000"')),
    checkpointed('a checkpoint signed by another key', checkpointFile(JSON.stringify(books), seed('payer'))),
    checkpointed(
      'a checkpoint of another network',
      checkpointFile(JSON.stringify({ ...books, network: 'tributary:did:key:z6Mkother' })),
    ),
    checkpointed('a checkpoint with an unknown member', checkpointFile(JSON.stringify({ ...books, x: 1 }))),
    refused('INPUT_TOO_LARGE', 'more than 8,192 bytes', text({ ...grant, note: 'x'.repeat(8_192) })),
  ],
};

/** Text of each file, by its name in schemas/vectors. */
export function vectorFiles(): Map<string, string> {
  const json = (cases: readonly VectorCase[]) => `${JSON.stringify(cases, null, 2)}\n`;
  return new Map([
    ['ledger.valid.json', json(ledger.valid)],
    ['ledger.invalid.json', json(ledger.invalid)],
  ]);
}

if (import.meta.main) {
  const folder = join(import.meta.dirname, '../../schemas/vectors');
  for (const [name, content] of vectorFiles()) writeFileSync(join(folder, name), content);
}
