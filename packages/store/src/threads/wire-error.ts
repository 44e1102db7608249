import { ERROR_CODES, TributaryError, type ErrorCode, type StoreErrorCode } from '@tributary/schemas';
import { StoreError } from '../errors.ts';

/** An error as it crosses the thread boundary. A null code means a bug. */
export interface WireError {
  name: string;
  code: string | null;
  message: string;
}

/** An error as a plain value. */
export function toWire(error: unknown): WireError {
  if (!(error instanceof Error)) return { name: 'Error', code: null, message: String(error) };
  const code = 'code' in error && typeof error.code === 'string' && Object.hasOwn(ERROR_CODES, error.code) ? error.code : null;
  return { name: error.name, code, message: error.message };
}

/** The error that {@link toWire} was given: same class, code and message. */
export function fromWire({ name, code, message }: WireError): Error {
  if (code !== null && Object.hasOwn(ERROR_CODES, code)) {
    const known = code as ErrorCode;
    return ERROR_CODES[known].area === 'store'
      ? new StoreError(known as StoreErrorCode, message)
      : new TributaryError(known, message);
  }
  if (name === 'RangeError') return new RangeError(message);
  return name === 'TypeError' ? new TypeError(message) : new Error(message);
}
