import type { VerifiedAnswer } from '@tributary/proof';
import type { ResultItem } from '@tributary/schemas';
import type { Checked } from '../ask/check.ts';
import { el, type Child } from '../dom.ts';
import { count, money, nameOf, score, time, webAddress } from '../format.ts';
import { icon } from '../icons.ts';
import { keyField } from '../parts/copy.ts';
import { placeIn } from '../parts/source-line.ts';
import { opener } from '../text/inert-link.ts';

interface Link {
  title: string;
  text: Child;
  /** Codes of the checks that passed (docs/errors.md). */
  checks: readonly string[];
  keys?: (HTMLElement | null)[];
}

/** The chain from a passage to its owner, its price and the question, with the checks that this browser ran. */
export function viewChain(checked: Checked, verified: VerifiedAnswer, at: number): HTMLElement {
  const item = verified.answer.results[at]!;
  const links = [
    contentLink(item),
    signatureLink(verified, at),
    snapshotLink(verified, item),
    rankLink(item),
    receiptLink(checked, verified),
  ];
  return el('ol', { class: 'links' }, ...links.map(viewLink));
}

function viewLink({ title, text, checks, keys = [] }: Link): HTMLElement {
  return el(
    'li',
    {},
    el('p', { class: 'link-title' }, icon('check'), title),
    el('p', {}, text),
    ...keys.filter((key) => key !== null),
    el(
      'p',
      { class: 'checks' },
      el('span', { class: 'quiet' }, 'Passed: '),
      ...checks.flatMap((check) => [el('code', {}, check), ' ']),
    ),
  );
}

function contentLink({ shown }: ResultItem): Link {
  const { source, id, licence, metadata } = shown;
  const fields = Object.keys(metadata).length;
  const address = webAddress(source.value?.uri ?? null);
  const place = source.value === null ? `record ${id.value}` : `${source.value.document}, ${placeIn(source.value)}`;
  const text = el(
    'span',
    { dir: 'auto' },
    `Text, source and licence (${licence.value ?? 'none stated'}) are as signed. From ${place}. `,
  );
  if (address !== null) text.append(opener(address, 'Open the source'));
  return {
    title: 'Unaltered',
    text,
    checks: [
      'TEXT_COMMITMENT',
      'SOURCE_COMMITMENT',
      'LICENCE_COMMITMENT',
      'VECTOR_COMMITMENT',
      ...(fields > 0 ? ['METADATA_COMMITMENT'] : []),
    ],
    keys: [source.value === null ? null : keyField('SHA-256 of the document', source.value.sha256)],
  };
}

function signatureLink({ writes, answer: { results } }: VerifiedAnswer, at: number): Link {
  const { sequence, size, signer, custody, author } = writes[at]!.statement;
  const held = custody === 'self' ? '' : ' The provider keeps this key.';
  const said = author === null || author === signer ? '' : ` It names ${author} as the author.`;
  return {
    title: 'Signed',
    text: `One of ${count(size)} changes in write ${count(sequence)}, place ${count(results[at]!.writeIndex + 1)}.${held}${said}`,
    checks: ['WRITE_SIGNATURE', 'WRITE_INCLUSION', 'WRITE_MISMATCH'],
    keys: [keyField('Signer', signer)],
  };
}

function snapshotLink({ snapshot: { manifest, hash }, identity, offer }: VerifiedAnswer, { slot }: ResultItem): Link {
  return {
    title: `In snapshot ${count(manifest.sequence)} of ${nameOf(offer.index)}`,
    text: `Record ${count(slot + 1)} of ${count(manifest.tree.size)}, committed ${time(manifest.time)}, in the log that the owner signs.`,
    checks: ['ITEM_INCLUSION', 'MANIFEST_HASH', 'MANIFEST_INCLUSION', 'CHECKPOINT_SIGNATURE'],
    keys: [keyField('Owner of the log', identity.did), keyField('Snapshot', hash)],
  };
}

function rankLink({ score: total, relevance, dense, bm25, sparse }: ResultItem): Link {
  const parts = [`relevance ${score(relevance)}`, `score ${score(total)}`];
  if (dense !== null) parts.push(`meaning ${score(dense)}`);
  if (bm25 !== null) parts.push(`words ${score(bm25)}`);
  if (sparse !== undefined) parts.push(`sparse ${score(sparse)}`);
  return {
    title: 'Ranked as stated',
    text: `Computed again in this browser: ${parts.join(', ')}.`,
    checks: ['SCORE', 'RANK_ORDER', 'RELEVANCE_BOUND'],
  };
}

function receiptLink({ receipt, charge, servedAt }: Checked, { offer, identity, pinned }: VerifiedAnswer): Link {
  const paid = charge === null ? '' : ` You paid ${money(charge, offer.unit)} for the whole answer.`;
  const served = servedAt === null ? '' : ` Answered ${time(servedAt)}.`;
  return {
    title: 'For your question, at the price of the offer',
    text: `The receipt signs exactly the bytes that this page asked with.${paid}${served}`,
    checks: [
      'REQUEST_HASH',
      'RESPONSE_HASH',
      'RECEIPT_SIGNATURE',
      'OFFER_SIGNATURE',
      ...(pinned.payee === null ? [] : ['VOUCHER_SIGNATURE', 'RECEIPT_CHARGE']),
    ],
    keys: [
      receipt === null ? null : keyField('Receipt', receipt),
      pinned.payee === null ? null : keyField('Paid to', identity.payee),
    ],
  };
}
