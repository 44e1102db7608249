import { ERROR_CODES, isTributaryError, TributaryError, type StoreErrorCode } from '@tributary/schemas';

/** An error of the store that its caller may handle. `code` is stable, the message is not. */
export class StoreError extends TributaryError<StoreErrorCode> {
  override readonly name = 'StoreError';
}

/** True for an error with a code of the store, even when `@tributary/runtime` raised it. */
export function isStoreError(error: unknown): error is TributaryError<StoreErrorCode> {
  return isTributaryError(error) && ERROR_CODES[error.code].area === 'store';
}
