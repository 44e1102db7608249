import { TributaryError, type ClientErrorCode } from '@tributary/schemas';

/** An error of the client that its caller may handle. */
export class ClientError extends TributaryError<ClientErrorCode> {
  override readonly name = 'ClientError';
}
