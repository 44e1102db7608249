import { pino } from 'pino';

/** What a log line may carry besides its event. */
export type LogFields = Readonly<Record<string, unknown>>;

/** One line per event. Events are short kebab-case names and part of what operators search for. */
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
/** A token of an API key (docs/spec/api-keys.md), wherever in a line it stands: its id may be seen, its secret not. */
const API_KEY = /(trib_[a-z2-7]{16}_)[a-z2-7]{1,40}/g;
const FIELD_CHARS_MAX = 4_096;

/** Log on the process's stderr: plain on a terminal, JSON elsewhere or with LOG_JSON set. */
export function stderrLog(
  stream: { isTTY?: boolean; write(text: string): unknown },
  env: NodeJS.ProcessEnv,
  now: () => number,
): Log {
  const json = env['LOG_JSON'] === undefined ? stream.isTTY !== true : env['LOG_JSON'] !== '0';
  return createLog({ json, now, write: (line) => void stream.write(`${line}\n`) });
}

/**
 * A log that hides fields whose name says that they are secret, never prints raw bytes, and keeps an event on one line
 * whatever its fields hold.
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

/** A log that says nothing, for tests and embedding. */
export const silentLog: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

function forPeople(line: string): string {
  const { time, level, event, ...fields } = JSON.parse(line) as Record<string, string | number>;
  const tail = Object.entries(fields).map(
    ([name, value]) => ` ${name}=${typeof value === 'string' && /[\s"=]|^$/.test(value) ? JSON.stringify(value) : value}`,
  );
  return `${String(time).slice(11, 19)} ${level === 'info' ? '' : `${level} `}${event}${tail.join('')}`;
}

/** A field as it is printed; objects as one text. */
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
 * Control characters, line separators and bidi controls of hostile text would forge lines or drive the reader's
 * terminal.
 */
function oneLine(text: string): string {
  return text
    .replace(API_KEY, '$1[hidden]')
    .replace(/[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu, (char) =>
      char === '\n' ? ' ⏎ ' : `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
}
