// Lists of writers of docs/spec/writers.md, and bundles of an index that has a second writer.
import type { SignedStatement } from '../../schemas/src/index.ts';
import { serializeBundle } from '../../packages/proof/src/bundle.ts';
import { TAG_MANIFEST } from '../../packages/proof/src/domains.ts';
import { verifyBundle } from '../../packages/proof/src/verify/verify-bundle.ts';
import { seed } from '../../packages/proof/test/_index.ts';
import { OWNER, WRITER, delegatedBundle, delegation, listOf } from '../../packages/proof/test/_writers.ts';
import { invalid, valid, type VectorCase, type Vectors } from './case.ts';

const drafts = delegation({ namespace: 'drafts/', from: 1, until: 7 });
const list = listOf([drafts, delegation({ from: 7 })]);

function read(comment: string, { body, signature, hash }: SignedStatement & { hash: string }): VectorCase {
  return valid('writers', comment, { owner: OWNER, body, signature }, { statement: JSON.parse(body), hash });
}
const refused = (code: string, comment: string, { body, signature }: SignedStatement) =>
  invalid('writers', code, comment, { owner: OWNER, body, signature });
const shape = (comment: string, ...writers: object[]) => refused('WRITERS_SHAPE', comment, listOf(writers));

/** Which delegations the writer may use for a write of that sequence in a namespace. */
const asked = (sequence: number, namespace: string, writer = WRITER) => ({ list: list.body, writer, sequence, namespace });
const allowed = (comment: string, sequence: number, namespace: string, ...delegations: object[]) =>
  valid('delegation', comment, asked(sequence, namespace), { delegations });
const denied = (code: string, comment: string, sequence: number, namespace: string, writer = WRITER) =>
  invalid('delegation', code, comment, asked(sequence, namespace, writer));

const fileOf = (...args: Parameters<typeof delegatedBundle>): string => serializeBundle(delegatedBundle(...args));
function accepted(comment: string, file: string): VectorCase {
  const { ok, trusted, pinned, notProven, facts } = verifyBundle(file);
  return valid('bundle', comment, { file }, { ok, trusted, pinned, notProven, facts });
}
const wrong = (code: string, comment: string, file: string) => invalid('bundle', code, comment, { file });
const usual = listOf([delegation()]);

export const writersVectors: Vectors = {
  valid: [
    read('no writer yet', listOf([])),
    read('a writer of a part of the namespaces, later of all', list),
    read('a delegation that ended before it was used', listOf([delegation({ from: 3, until: 3 })])),
    allowed('the first write', 1, 'drafts/2026', drafts),
    allowed('the last write under the first delegation', 6, 'drafts/', drafts),
    allowed('another namespace under the second', 7, '', delegation({ from: 7 })),
    accepted('a bundle with writes by owner and writer', fileOf(usual)),
  ],
  invalid: [
    shape('a delegation of the owner', delegation({ writer: OWNER })),
    shape('a delegation that ends before it begins', delegation({ from: 3, until: 2 })),
    shape('delegations out of order', delegation({ from: 3 }), delegation({ from: 2 })),
    shape('from write 0', delegation({ from: 0 })),
    shape('an unknown member', { ...delegation(), note: '' }),
    shape('members in another order', Object.fromEntries(Object.entries(delegation()).toReversed())),
    shape('more than 128 delegations', ...Array.from({ length: 129 }, () => delegation({ namespace: '' }))),
    refused('WRITERS_SIGNATURE', 'signed by another key', listOf([delegation()], { key: seed('stranger') })),
    refused('WRITERS_SIGNATURE', 'signed for another meaning', listOf([delegation()], { tag: TAG_MANIFEST })),
    refused('WRITERS_SIGNATURE', 'changed after it was signed', { ...list, body: list.body.replace('"until":7', '"until":9') }),
    denied('WRITER_SCOPE', 'another namespace than that of the delegation', 6, 'draft'),
    denied('WRITER_NOT_DELEGATED', 'a key that is not in the list', 6, 'drafts/', OWNER),
    wrong('WRITER_NOT_DELEGATED', 'a list in the manifest without the writer', fileOf(listOf([]))),
    wrong('WRITER_NOT_DELEGATED', 'a writer without any list', fileOf(null)),
    wrong('WRITER_NOT_DELEGATED', 'a delegation that began later', fileOf(listOf([delegation({ from: 4 })]))),
    wrong('WRITER_REVOKED', 'writes after the revocation', fileOf(listOf([delegation({ until: 2 })]))),
    wrong('WRITER_SCOPE', 'a namespace out of scope', fileOf(listOf([delegation({ namespace: 'drafts' })]))),
    wrong('WRITERS_MISMATCH', 'the list is not delivered', fileOf(usual, null)),
    wrong('WRITERS_MISMATCH', 'another list than that of the manifest', fileOf(usual, listOf([delegation({ from: 1 })]))),
    wrong('WRITERS_SIGNATURE', 'a list by a stranger', fileOf(listOf([delegation()], { key: seed('stranger') }))),
  ],
};
