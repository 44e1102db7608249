import { TributaryError, type StoreErrorCode } from '@tributary/schemas';

/** A condition of the store that its caller may handle; `code` is stable, the message is not. */
export class StoreError extends TributaryError<StoreErrorCode> {
  override readonly name = 'StoreError';
}
