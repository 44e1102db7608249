// A provider that charges until it is killed. ledger-kill.test.ts starts it with the ledger's folder and the file of
// acknowledgements. Tickets come in a fixed order, many at a time. The next process asks again for those without an
// acknowledgement.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { utf8, ZERO_HASH } from '@tributary/proof/primitives';
import type { AnswerOutcome, IndexInfo } from '@tributary/store';
import { createOffers } from '../../src/offers/offers.ts';
import { parsePolicy } from '../../src/policy/policy.ts';
import { createServe } from '../../src/serve/serve.ts';
import type { AnswerSource } from '../../src/serve/types.ts';
import { indexIdOf, ledgerOptions, PAYEE, payingChannel, RECEIPT_KEY, ticketIdOf } from '../../src/testing/ledger-fixture.ts';
import { createPayingClient, vectorQuestion } from './paying-client.ts';
import { openDiskLedger } from '../../src/payments/open-ledger.ts';

const IN_FLIGHT = 24;
const [, , directory = '', acknowledgements = ''] = process.argv;
const id = indexIdOf('docs');
const info = {
  id,
  visibility: 'listed',
  title: '',
  description: '',
  licence: '',
  questions: [] as string[],
  records: 1,
  dimension: 8,
  metric: 'cosine',
} as const;

/** Answers with one result of one KiB, always the same for the same question, so that it can be built again. */
const outcome: AnswerOutcome = {
  body: utf8('{"answer":true}'),
  records: [],
  status: 'ok',
  manifest: ZERO_HASH,
  snapshot: 1,
  count: 1,
  textBytes: 1_024,
  items: [{ slot: 1, version: 1, score: 1, dense: 1, bm25: null, relevance: 1 }],
  queryVector: null,
  statistics: null,
};
const index: AnswerSource = {
  info: () => ({ ...info, model: { id: 'none' }, modelDigest: ZERO_HASH }) as IndexInfo,
  answer: () => Promise.resolve(outcome),
  reached: () => Promise.resolve(),
  rebuild: () => Promise.resolve(outcome),
};

const { payer, channel, request } = payingChannel({ granted: 10_000_000n, deposit: 10_000_000n });
const { now } = ledgerOptions; // the clock stands still: requests keep their deadline, so their bytes stay the same
const ledger = await openDiskLedger(directory, ledgerOptions);
const policy = parsePolicy('{"price":{"base":"1","perKiB":"2"},"maxInFlight":64}', 'test');
const offers = await createOffers({ ledger, receipt: { privateKey: RECEIPT_KEY, address: PAYEE }, unit: 'credit', now });
const offer = await offers.update({ identity: ZERO_HASH, index: index.info(), policy });
if (ledger.account(payer.address).granted === 0n) await ledger.grant({ payer: payer.address, amount: 10_000_000n, note: '' });
const serve = createServe({
  indexes: { find: (name) => (name === id ? { index, policy, offers: offers.of(id) } : null) },
  ledger,
  receipt: { privateKey: RECEIPT_KEY },
  unit: 'credit',
  now,
});
await serve.channels.open(request);

const seen = existsSync(acknowledgements) ? readFileSync(acknowledgements, 'utf8').split('\n') : [];
const acknowledged = new Set(seen.map((line) => line.split(' ')[0]));
const client = createPayingClient({ payer, channel, offer, now, send: serve.ask });
let next = 0;
const work = async (): Promise<void> => {
  for (;;) {
    const name = `t${next}`;
    next += 1;
    if (acknowledged.has(name)) continue;
    const reply = await client.ask(vectorQuestion(id, new Float32Array(8).fill(1)), {
      ticketId: ticketIdOf(name),
      cumulative: 10_000_000n,
    });
    if ('refusal' in reply) throw new Error(`${name}: ${reply.refusal.code}`);
    // One write call, so the line is in the file whatever happens to this process.
    appendFileSync(acknowledgements, `${name} ${reply.receipt.sequence} ${reply.receipt.charge}\n`);
    process.stdout.write('.');
  }
};
await Promise.all(Array.from({ length: IN_FLIGHT }, work));
