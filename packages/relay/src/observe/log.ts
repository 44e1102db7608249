import { pino } from 'pino';

/** The fields of a log line besides the event. */
export type LogFields = Readonly<Record<string, unknown>>;

/** One line per event. Events are short kebab-case names. Operators search for them. */
export interface Log {
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

export interface LogOptions {
  write(line: string): void;
  /** JSON lines for machines, plain ones for people. */
  json: boolean;
  now(): number;
}

const SECRET_NAME = /secret|seed|password|passphrase|private|authorization|cookie|token|api-?key|(?:^|[a-z])key$/i;
/** A token of an API key (docs/spec/api-keys.md) anywhere in a line. Its id may be logged, its secret must not be. */
const API_KEY = /(trib_[a-z2-7]{16}_)[a-z2-7]{1,40}/g;
const FIELD_CHARS_MAX = 4_096;

/** Logs to the process's stderr: plain text on a terminal, JSON elsewhere or when LOG_JSON is set. */
export function stderrLog(
  stream: { isTTY?: boolean; write(text: string): unknown },
  env: NodeJS.ProcessEnv,
  now: () => number,
): Log {
  const json = env['LOG_JSON'] === undefined ? stream.isTTY !== true : env['LOG_JSON'] !== '0';
  return createLog({ json, now, write: (line) => void stream.write(`${line}\n`) });
}

/**
 * A log that hides fields with the names of secrets, never prints raw bytes, and keeps an event on one line whatever
 * its fields contain.
 *
 * @internal exported for its tests
 */
export function createLog({ json, now, write }: LogOptions): Log {
  const logger = pino(
    {
      base: null,
      messageKey: 'event',
      timestamp: () => `,"time":"${new Date(now()).toISOString()}"`,
      formatters: {
        level: (level) => ({ level }),
        log: (fields) => Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, shown(name, value)])),
      },
    },
    { write: (line: string) => write(oneLine(json ? line.trimEnd() : forPeople(line))) },
  );
  return {
    info: (event, fields) => logger.info(fields ?? {}, event),
    warn: (event, fields) => logger.warn(fields ?? {}, event),
    error: (event, fields) => logger.error(fields ?? {}, event),
  };
}

function forPeople(line: string): string {
  const { time, level, event, ...fields } = JSON.parse(line) as Record<string, string | number>;
  const tail = Object.entries(fields).map(
    ([name, value]) => ` ${name}=${typeof value === 'string' && /[\s"=]|^$/.test(value) ? JSON.stringify(value) : value}`,
  );
  return `${String(time).slice(11, 19)} ${level === 'info' ? '' : `${level} `}${event}${tail.join('')}`;
}

/** A field as it is printed. Objects become one text. */
function shown(name: string, value: unknown): unknown {
  const safe = withoutSecrets(name, value);
  if (safe instanceof Error) return clipped(textOf(safe));
  return clipped(typeof safe === 'object' && safe !== null ? JSON.stringify(safe, withoutSecrets) : safe);
}

const clipped = (value: unknown): unknown =>
  typeof value === 'string' && value.length > FIELD_CHARS_MAX ? `${value.slice(0, FIELD_CHARS_MAX)}…` : value;

function withoutSecrets(name: string, value: unknown): unknown {
  if (SECRET_NAME.test(name)) return '[hidden]';
  if (value instanceof Uint8Array) return `[${value.length} bytes]`;
  return typeof value === 'bigint' ? String(value) : value;
}

const textOf = (error: Error): string =>
  'code' in error ? `${String(error.code)}: ${error.message}` : (error.stack ?? error.message);

/**
 * Control characters, line separators and bidi controls in hostile text could forge lines or control the reader's
 * terminal.
 */
function oneLine(text: string): string {
  return text
    .replace(API_KEY, '$1[hidden]')
    .replace(/[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu, (char) =>
      char === '\n' ? ' ⏎ ' : `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
}
