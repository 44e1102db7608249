import { indexId, type ProviderIdentity, type Trust } from '@tributary/schemas';
import { ProofError } from '../errors.ts';
import { indexIdOwnerMatches } from '../identity.ts';

/** A key that an answer depends on but the trust file does not list. */
export interface Unpinned {
  readonly code: 'LOG_UNPINNED' | 'PAYEE_UNPINNED' | 'SIGNER_UNPINNED';
  /** The key as the trust file would list it: a did:key, or the address of a payee. */
  readonly key: string;
}

/** The keys that a question, its payment or its answer depends on. */
export interface PinSubject {
  readonly identity: Pick<ProviderIdentity, 'did' | 'payee'>;
  /** Id of the index; null where vectors of a model are sold: then the owner alone must be listed. */
  readonly index: string | null;
  /** False where nothing is paid: then the payee needs no pin. Default: true. */
  readonly paid?: boolean;
  /** did:key of the signers of the results' writes; empty before there is an answer. */
  readonly signers?: readonly string[];
}

/**
 * The keys that a trust file does not list, log first. Without a trust file, these are all of them. The log of an index
 * is pinned when its owner is listed and the index id is the owner's own.
 */
export function unpinnedKeys(trust: Trust | undefined, { identity, index, paid = true, signers = [] }: PinSubject): Unpinned[] {
  const list: Unpinned[] = [];
  if (!(trust?.logs.includes(identity.did) && (index === null || isOwn(index, identity.did))))
    list.push({ code: 'LOG_UNPINNED', key: identity.did });
  if (paid && !trust?.payees.includes(identity.payee)) list.push({ code: 'PAYEE_UNPINNED', key: identity.payee });
  for (const key of new Set(signers)) if (!trust?.signers.includes(key)) list.push({ code: 'SIGNER_UNPINNED', key });
  return list;
}

/**
 * Refuses keys that the trust file does not list. Call it before anything is paid, when log and payee are known;
 * `requirePins` of the verifier does it for the answer.
 *
 * @throws ProofError LOG_UNPINNED, PAYEE_UNPINNED, SIGNER_UNPINNED
 */
export function checkPins(trust: Trust | undefined, subject: PinSubject): void {
  refuseUnpinned(unpinnedKeys(trust, subject));
}

/** @throws ProofError with the code of the first one */
export function refuseUnpinned([first]: readonly Unpinned[]): void {
  if (first !== undefined) throw new ProofError(first.code, `${WORDS[first.code]} ${first.key} is not in the trust file`);
}

const WORDS = { LOG_UNPINNED: 'the owner of the log', PAYEE_UNPINNED: 'the payee', SIGNER_UNPINNED: 'the signer' } as const;

function isOwn(index: string, did: string): boolean {
  return indexId.safeParse(index).success && indexIdOwnerMatches(index, did);
}
