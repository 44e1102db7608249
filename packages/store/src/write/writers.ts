import { TAG_WRITERS, checkScope, delegationsOf, signStatement } from '@tributary/proof/statements';
import { delegationsMax, statementBytesMax, type Delegation, type WritersStatement } from '@tributary/schemas';
import { StoreError } from '../errors.ts';
import type { IndexState } from '../state.ts';
import type { GroupDraft, WritersChange } from './types.ts';

/**
 * Changes the list of writers from the next write on (docs/spec/writers.md). A change that is already in effect makes
 * no new list.
 *
 * @returns all delegations, including ended ones
 * @throws StoreError DELEGATION_INVALID
 */
export function changeWriters(
  change: WritersChange,
  draft: GroupDraft,
  { settings, seed }: Pick<IndexState, 'settings' | 'seed'>,
): Delegation[] {
  const present = draft.writers?.statement.writers ?? [];
  if (change.writer === settings.provider) throw invalid('the owner of an index needs no delegation');
  const next = change.kind === 'delegate' ? delegated(present, change, draft) : revoked(present, change, draft);
  if (next === present) return [...present];
  const statement: WritersStatement = { v: 1, type: 'tributary/writers', index: settings.id, writers: next };
  const { body, signature, hash } = signStatement(TAG_WRITERS, statement, seed);
  if (next.length > delegationsMax || Buffer.byteLength(body) + roomToRevoke(next) > statementBytesMax)
    throw invalid(`the list of writers is full: it has ${present.length} delegations, ended ones included`);
  draft.time = change.time;
  draft.lists.set(hash, { body, signature });
  draft.writers = { hash, statement };
  return [...next];
}

/** Bytes by which the list grows if everything is revoked: a number of up to 16 digits replaces `null`. */
const roomToRevoke = (writers: readonly Delegation[]): number => 12 * writers.filter(({ until }) => until === null).length;

function delegated(present: Delegation[], { writer, namespace }: WritersChange, { last }: GroupDraft): Delegation[] {
  const scope = namespace ?? '';
  const known = present.some((one) => one.writer === writer && one.namespace === scope && one.until === null);
  return known ? present : [...present, { writer, namespace: scope, from: last.sequence + 1, until: null }];
}

function revoked(present: Delegation[], { writer, namespace }: WritersChange, { last }: GroupDraft): Delegation[] {
  const meant = (one: Delegation) => one.writer === writer && (namespace === null || one.namespace === namespace);
  if (!present.some(meant)) throw invalid(`there is no such delegation to the writer ${writer}`);
  if (!present.some((one) => meant(one) && one.until === null)) return present;
  return present.map((one) => (meant(one) && one.until === null ? { ...one, until: last.sequence + 1 } : one));
}

const invalid = (what: string): StoreError => new StoreError('DELEGATION_INVALID', what);

/**
 * Whether a writer may sign the next write, which touches these namespaces.
 *
 * @throws ProofError WRITER_NOT_DELEGATED, WRITER_REVOKED, WRITER_SCOPE
 */
export function checkWriter(writer: string, namespaces: Iterable<string>, { writers, last }: GroupDraft): void {
  const delegations = delegationsOf(writers?.statement ?? null, writer, last.sequence + 1);
  for (const namespace of namespaces) checkScope(delegations, namespace);
}
