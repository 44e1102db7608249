import { TributaryError, type RelayErrorCode } from '@tributary/schemas';

/** A refusal or fault of the node. Refusals cross the wire as values with the same code. */
export class RelayError extends TributaryError<RelayErrorCode> {
  override readonly name = 'RelayError';
}
