import { TributaryError, type McpErrorCode } from '@tributary/schemas';

/** A refusal of a tool that its caller may handle. */
export class McpError extends TributaryError<McpErrorCode> {
  override readonly name = 'McpError';
}
