import type { Delegation, WritersStatement } from '@tributary/schemas';
import { ProofError } from '../errors.ts';

/**
 * The delegations under which a writer may sign the write of that sequence (docs/spec/writers.md).
 *
 * @param list null: the index has none
 * @throws ProofError WRITER_REVOKED, WRITER_NOT_DELEGATED
 */
export function delegationsOf(list: WritersStatement | null, writer: string, sequence: number): Delegation[] {
  const own = (list?.writers ?? []).filter((one) => one.writer === writer && one.from <= sequence);
  const inEffect = own.filter(({ until }) => until === null || sequence < until);
  if (inEffect.length > 0) return inEffect;
  if (own.length > 0) throw new ProofError('WRITER_REVOKED', `the owner revoked the writer ${writer} before write ${sequence}`);
  throw new ProofError('WRITER_NOT_DELEGATED', `the owner has not delegated to the writer ${writer} of write ${sequence}`);
}

/** @throws ProofError WRITER_SCOPE when no delegation covers the namespace */
export function checkScope(delegations: readonly Delegation[], namespace: string): void {
  if (delegations.some((one) => namespace.startsWith(one.namespace))) return;
  const scopes = delegations.map((one) => `'${one.namespace}'`).join(', ');
  const { writer } = delegations[0]!;
  throw new ProofError('WRITER_SCOPE', `the writer ${writer} may write in namespaces under ${scopes}, not in '${namespace}'`);
}
