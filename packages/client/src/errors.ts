import { TributaryError, type ClientErrorCode } from '@tributary/schemas';

/** A condition of the client's side that its caller may handle. */
export class ClientError extends TributaryError<ClientErrorCode> {
  override readonly name = 'ClientError';
}
