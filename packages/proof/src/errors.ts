import { TributaryError, type ProofErrorCode } from '@tributary/schemas';

/** A check of the verifier that failed; `code` names the check. */
export class ProofError extends TributaryError<ProofErrorCode> {
  override readonly name = 'ProofError';
}
