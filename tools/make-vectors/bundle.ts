// Bundles of docs/spec/bundle.md. Changes by somebody without keys are given as edits of a valid file; what a lying
// provider signed is given in full.
import type { Bundle, Request, ResultItem, Trust, WholeAnswer } from '../../schemas/src/index.ts';
import { serializeBundle } from '../../packages/proof/src/bundle.ts';
import { formatTlogProof, parseTlogProof } from '../../packages/proof/src/note/tlog-proof.ts';
import { cosignNote } from '../../packages/proof/src/testing/cosign.ts';
import { NOTE_COSIGNATURE, formatVkey } from '../../packages/proof/src/note/vkey.ts';
import { ed25519PublicKey } from '../../packages/proof/src/crypto/node.ts';
import { verifyBundle } from '../../packages/proof/src/verify/verify-bundle.ts';
import { SERVED_AT, addressOf, makeTestBundle } from '../../packages/proof/test/_bundle.ts';
import { concat, fromBase64url, toBase64url } from '../../packages/proof/src/bytes.ts';
import { wholeOf } from '../../packages/proof/test/_whole.ts';
import { OWNER, buildIndex, buildSparseIndex, seed } from '../../packages/proof/test/_index.ts';
import { invalid, seedOf, valid, type VectorCase, type Vectors } from './case.ts';

type Options = NonNullable<Parameters<typeof makeTestBundle>[0]>;
const fileOf = (options: Options = {}): string =>
  serializeBundle(makeTestBundle({ request: (request) => ({ ...request, topK: 1 }), ...options }));

const top2 = (request: Request): Request => ({ ...request, topK: 2, minRelevance: 0 });
const FILES = {
  paid: fileOf(),
  free: fileOf({ free: true, mode: 'dense', request: (request) => ({ ...request, topK: 1, vector: null, model: null }) }),
  keywords: fileOf({ mode: 'bm25' }),
  empty: fileOf({ request: (request) => ({ ...request, filter: { year: 1900 } }) }),
  cosigned: cosigned(),
  sparse: fileOf({ mode: 'sparse', index: buildSparseIndex('sparse'), request: top2 }),
  both: fileOf({ mode: 'dense-sparse', index: buildSparseIndex('both'), request: top2 }),
};

function cosigned(): string {
  const bundle = makeTestBundle({ request: (request) => ({ ...request, topK: 1 }) });
  const proof = parseTlogProof(bundle.log);
  const checkpoint = cosignNote({
    note: proof.checkpoint,
    name: 'witness.example',
    seed: seedOf(7),
    timestamp: SERVED_AT / 1_000 - 5,
  });
  return serializeBundle({ ...bundle, log: formatTlogProof({ ...proof, checkpoint }), witnesses: [witnessKey()] });
}
function witnessKey(): string {
  return formatVkey({ name: 'witness.example', publicKey: ed25519PublicKey(seedOf(7)), type: NOTE_COSIGNATURE });
}

const trust: Trust = {
  v: 1,
  type: 'tributary/trust',
  signers: [OWNER],
  logs: [OWNER],
  payees: [addressOf(seed('payee'))],
  witnesses: [witnessKey()],
  quorum: 1,
};

function accepted(comment: string, file: string, trustFile?: Trust): VectorCase {
  const { ok, trusted, pinned, notProven, facts } = verifyBundle(file, trustFile === undefined ? {} : { trust: trustFile });
  return valid('bundle', comment, trustFile === undefined ? { file } : { file, trust: trustFile }, {
    ok,
    trusted,
    pinned,
    notProven,
    facts,
  });
}

/** The same value in another spelling. */
function otherSpelling(file: string): string {
  const sorted = (value: unknown): unknown =>
    typeof value !== 'object' || value === null || Array.isArray(value)
      ? value
      : Object.fromEntries(
          Object.entries(value)
            .toSorted(([a], [b]) => (a < b ? -1 : 1))
            .map(([key, member]) => [key, sorted(member)]),
        );
  const line = JSON.stringify(sorted(JSON.parse(file)));
  return line.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** A change of the file `paid` by somebody without keys: the first occurrence of `find` is replaced. */
function edited(code: string, comment: string, find: string, replace: string): VectorCase {
  if (!FILES.paid.includes(find)) throw new Error(`${comment}: the file has no ${find}`);
  return invalid('edited-bundle', code, comment, { find, replace });
}
const signed = (code: string, comment: string, options: Options) => invalid('bundle', code, comment, { file: fileOf(options) });
const item = (code: string, comment: string, change: (item: ResultItem) => void) =>
  signed(code, comment, {
    answer: (answer) => {
      change(answer.results[0]!);
      return answer;
    },
  });
const whole = (code: string, comment: string, change: (answer: WholeAnswer) => WholeAnswer) =>
  signed(code, comment, { answer: change });

const sparseLie = (code: string, comment: string, change: (item: ResultItem, other: ResultItem) => void) =>
  signed(code, comment, {
    mode: 'dense-sparse',
    index: buildSparseIndex('both'),
    request: top2,
    answer: (answer) => {
      change(answer.results[0]!, answer.results[1]!);
      return answer;
    },
  });

/** The first record with another passage. */
const altered = ([first, ...rest]: Bundle['records']): Bundle['records'] => {
  const text = Buffer.from(first!.shown, 'base64url').toString('latin1').replace('read high', 'read low!');
  return [{ ...first!, shown: Buffer.from(text, 'latin1').toString('base64url') }, ...rest];
};

const EDITS = [
  edited('BUNDLE_SHAPE', 'a repeated member', '"v": 1,', '"v": 1,\n  "v": 1,'),
  edited('BUNDLE_SHAPE', 'an unknown member', '"v": 1,', '"v": 1,\n  "x": 1,'),
  edited('BUNDLE_SHAPE', 'another version', '"v": 1,', '"v": 2,'),
  edited('IDENTITY_SIGNATURE', 'identity changed', '12D3KooWTestPeer', '12D3KooWBestPeer'),
  edited('OFFER_SIGNATURE', 'offer changed', '\\"base\\":\\"100\\"', '\\"base\\":\\"900\\"'),
  edited('RECEIPT_SIGNATURE', 'charge changed', '"chargedTotal": "', '"chargedTotal": "9'),
  edited('REQUEST_HASH', 'question changed', 'spring floods of the', 'autumn floods of the'),
  edited('RESPONSE_HASH', 'score changed', '\\"score\\":0.', '\\"score\\":1.'),
  edited('RECEIPT_MISMATCH', 'manifest changed', '\\"live\\":39', '\\"live\\":38'),
  edited('CHANNEL_ID', 'terms changed', '"salt": "a1b22f49', '"salt": "ffffffff'),
  edited('VOUCHER_SIGNATURE', 'ticket changed', '"ackedTotal": "321"', '"ackedTotal": "322"'),
  edited('CHECKPOINT_FORMAT', 'another kind of proof', 'tlog-proof@v1', 'tlog-proof@v2'),
  edited('MANIFEST_INCLUSION', 'another place in the log', 'index 3', 'index 2'),
  edited('CHECKPOINT_SIGNATURE', 'checkpoint changed', '\\n4\\n', '\\n5\\n'),
  edited('COSIGNATURE', 'a witness who did not sign', '"witnesses": []', `"witnesses": [\n    "${witnessKey()}"\n  ]`),
  edited('WRITE_SIGNATURE', 'author changed', 'River Institute', 'Rival Institute'),
];

const LIES = [
  signed('IDENTITY_EXPIRED', 'identity expired', { identity: (value) => ({ ...value, expiry: SERVED_AT }) }),
  signed('OFFER_EXPIRED', 'offer expired', { offer: (value) => ({ ...value, expiry: SERVED_AT }) }),
  signed('OFFER_MISMATCH', 'offer of another identity', { offer: (value) => ({ ...value, identity: '0'.repeat(64) }) }),
  signed('IDENTITY_MISMATCH', 'another payee', { terms: (value) => ({ ...value, payee: addressOf(seedOf(9)) }) }),
  signed('TICKET_MISMATCH', 'ticket for another request', { ticket: (value) => ({ ...value, request: '0'.repeat(64) }) }),
  signed('VOUCHER_AMOUNT', 'voucher below what it acknowledges', { cumulative: '320' }),
  signed('RECEIPT_CHARGE', 'overcharged', { receipt: (value) => ({ ...value, charge: '999', chargedTotal: '1320' }) }),
  signed('RECEIPT_CHAIN', 'total below what was acknowledged', {
    receipt: (value) => ({ ...value, chargedTotal: value.charge }),
  }),
  signed('RECEIPT_MISMATCH', 'receipt of another snapshot', { receipt: (value) => ({ ...value, snapshot: 2 }) }),
  signed('CLOCK_FUTURE', 'manifest dated after the receipt', { index: buildIndex({ time: SERVED_AT + 120_001 }) }),
  whole('MANIFEST_HASH', 'answer of another manifest', (answer) => ({ ...answer, manifest: '0'.repeat(64) })),
  whole('MANIFEST_MISMATCH', 'answer of another snapshot', (answer) => ({ ...answer, snapshot: 2 })),
  whole('RESPONSE_SHAPE', 'an unknown member', (answer) => ({ ...answer, x: 1 }) as WholeAnswer),
  whole('RESULT_COUNT', 'results in an empty answer', (answer) => ({ ...answer, status: 'empty' })),
  whole('STATISTICS', 'a term left out', (answer) => ({ ...answer, statistics: { ...answer.statistics!, terms: {} } })),
  item('NAMESPACE_MISMATCH', 'another namespace shown', ({ shown }) => (shown.namespace.value = 'x')),
  item('FILTER_MISMATCH', 'metadata that the filter excludes', ({ shown }) => (shown.metadata['year']!.value = 1999)),
  signed('RELEVANCE_BOUND', 'a result below the relevance asked for', {
    request: (request) => ({ ...request, minRelevance: 0.9 }),
    answer: () => wholeOf(makeTestBundle()),
  }),
  signed('RECORD_HASH', 'passage changed', { records: altered }),
  signed('RECORD_HASH', 'a record left out', { records: () => [] }),
  signed('RECORD_HASH', 'a record that no result names', { records: (list) => [...list, ...list] }),
  item('SCORE', 'relevance', (value) => (value.relevance += 1e-6)),
  item('WRITE_MISSING', 'a write not delivered', (value) => (value.write = 'a'.repeat(64))),
  item('ITEM_SLOT', 'slot beyond the tree', (value) => (value.slot = 40)),
  item('ITEM_INCLUSION', 'another slot', (value) => (value.slot += 1)),
  item('WRITE_INCLUSION', 'another entry of the write', (value) => (value.writeIndex += 1)),
  item('ITEM_INCLUSION', 'a metadata key withheld', ({ shown, commitments }) => {
    delete shown.metadata['reviewed'];
    commitments.splice(6, 1);
  }),
  item('ID_COMMITMENT', 'id', ({ shown }) => (shown.id.value = 'x')),
  item('TEXT_COMMITMENT', 'text', ({ shown }) => (shown.text.value = shown.text.value.replace('high', 'low'))),
  item('VECTOR_COMMITMENT', 'salt of the vector', ({ shown }) => (shown.vector.salt = shown.id.salt)),
  item('SOURCE_COMMITMENT', 'salt of the source', ({ shown }) => (shown.source.salt = shown.id.salt)),
  item('LICENCE_COMMITMENT', 'licence', ({ shown }) => (shown.licence.value = 'none')),
  item('METADATA_COMMITMENT', 'metadata', ({ shown }) => (shown.metadata['year']!.value = 2999)),
  item('SCORE', 'score', (value) => (value.score += 1e-6)),
  sparseLie('SPARSE_VECTOR', 'sparse pairs in another order', ({ shown }) => {
    const pairs = fromBase64url(shown.vector.sparse!);
    shown.vector.sparse = toBase64url(concat(pairs.subarray(8, 16), pairs.subarray(0, 8), pairs.subarray(16)));
  }),
  sparseLie(
    'VECTOR_COMMITMENT',
    'another sparse vector',
    ({ shown }, other) => (shown.vector.sparse = other.shown.vector.sparse),
  ),
  sparseLie('SCORE', 'sparse part', (value) => (value.sparse! += 1e-6)),
];

export const bundleVectors: Vectors = {
  valid: [
    accepted('paid, hybrid; edited-bundle cases change this file', FILES.paid),
    accepted('free, dense, query embedded by the provider', FILES.free),
    accepted('paid, keywords only', FILES.keywords),
    accepted('paid, empty', FILES.empty),
    accepted('in one line, members sorted, escaped as ASCII', otherSpelling(FILES.paid)),
    accepted('cosigned, every key pinned', FILES.cosigned, trust),
    accepted('paid, sparse vectors only', FILES.sparse),
    accepted('paid, dense and sparse vectors', FILES.both),
  ],
  invalid: [...EDITS, ...LIES, invalid('bundle', 'WITNESS_QUORUM', 'no witness signed', { file: FILES.paid, trust })],
};
