import { TributaryError, type ProofErrorCode } from '@tributary/schemas';

/** A failed check of the verifier. `code` names the check. */
export class ProofError extends TributaryError<ProofErrorCode> {
  override readonly name = 'ProofError';
}

/** Runs a reader of untrusted input. Any error becomes a refusal with `code`. */
export function refuseAs<T>(code: ProofErrorCode, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new ProofError(code, cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
