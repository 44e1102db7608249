import { TributaryError, type ErrorCode, inWords } from '@tributary/schemas';
import type { z } from 'zod';

/** A refusal that names the parameter of the request that is wrong, as OpenAI's clients show it. */
export class ParamError extends TributaryError {
  override readonly name = 'ParamError';
  readonly param: string;

  constructor(param: string, message: string, code: ErrorCode = 'INPUT_SHAPE') {
    super(code, message);
    this.param = param;
  }
}

/**
 * Checks a value against its schema.
 *
 * @throws ParamError INPUT_SHAPE for the first member that is wrong
 */
export function checkParams<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value, { error: inWords });
  if (result.success) return result.data;
  const { path, message, ...issue } = result.error.issues[0]!;
  const extra = issue.code === 'unrecognized_keys' ? String((issue as { keys: string[] }).keys[0]) : null;
  const param = [...path.map(String), ...(extra === null ? [] : [extra])].join('.');
  throw new ParamError(
    param,
    extra === null ? `${param === '' ? 'the request' : param}: ${message}` : `${param}: there is no such member`,
  );
}
