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

type Level = 'info' | 'warn' | 'error';
const SECRET_NAME = /secret|seed|password|passphrase|private|authorization|cookie|token|api-?key|(?:^|[a-z])key$/i;
const LINE_CHARS_MAX = 4_096;

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
 * A log that hides fields whose name says that they are secret, never prints raw bytes, and keeps an event on one line whatever
 * its fields hold.
 */
export function createLog(options: LogOptions): Log {
  const at = (level: Level) => (event: string, fields?: LogFields) => options.write(lineOf(level, event, fields ?? {}, options));
  return { info: at('info'), warn: at('warn'), error: at('error') };
}

/** A log that says nothing, for tests and embedding. */
export const silentLog: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

function lineOf(level: Level, event: string, fields: LogFields, { json, now }: LogOptions): string {
  const time = new Date(now()).toISOString();
  const shown = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]): [string, string | number | boolean | null] => [
      name,
      SECRET_NAME.test(name) ? '[hidden]' : printable(value),
    ]);
  if (json) return oneLine(JSON.stringify({ time, level, event, ...Object.fromEntries(shown) }));
  const tail = shown.map(
    ([name, value]) => ` ${name}=${typeof value === 'string' && /[\s"=]|^$/.test(value) ? JSON.stringify(value) : String(value)}`,
  );
  return oneLine(`${time.slice(11, 19)} ${level === 'info' ? '' : `${level} `}${event}${tail.join('')}`);
}

function printable(value: unknown): string | number | boolean | null {
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return value;
  if (typeof value === 'string') return clipped(value);
  if (typeof value === 'bigint') return String(value);
  if (value instanceof Uint8Array) return `[${value.length} bytes]`;
  if (value instanceof Error)
    return clipped('code' in value ? `${String(value.code)}: ${value.message}` : (value.stack ?? value.message));
  return clipped(JSON.stringify(value, hideSecrets) ?? '');
}

function hideSecrets(name: string, value: unknown): unknown {
  if (SECRET_NAME.test(name)) return '[hidden]';
  if (value instanceof Uint8Array) return `[${value.length} bytes]`;
  return typeof value === 'bigint' ? String(value) : value;
}

const clipped = (text: string): string => (text.length > LINE_CHARS_MAX ? `${text.slice(0, LINE_CHARS_MAX)}…` : text);

/** Control characters, line separators and bidi controls of hostile text would forge lines or drive the reader's terminal. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu, (char) =>
    char === '\n' ? ' ⏎ ' : `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
