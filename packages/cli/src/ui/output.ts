/**
 * Where a command writes: results on `out`, everything else on `err`. It is the only place that prints, so it escapes:
 * titles, units, ids, messages and results come from strangers, and their characters must not break a line, reorder it
 * or control the terminal.
 */
export interface Output {
  /** One line of the result. */
  line(text?: string): void;
  /** The result as indented JSON. */
  json(value: unknown): void;
  /** One line about progress. */
  note(text: string): void;
  readonly terminal: boolean;
  readonly columns: number;
}

/** What output needs of a stream. */
export type OutputStream = Pick<NodeJS.WriteStream, 'write' | 'on'> & { isTTY?: boolean; columns?: number };

export function createOutput(out: OutputStream, err: OutputStream): Output {
  for (const stream of [out, err]) stream.on('error', brokenPipe);
  const line = (text = '') => void out.write(`${printable(text)}\n`);
  return {
    line,
    json: (value) => JSON.stringify(value, null, 2).split('\n').forEach(line),
    note: (text) => void err.write(`${printable(text)}\n`),
    terminal: err.isTTY === true,
    columns: out.columns ?? 100,
  };
}

/** A reader may stop early (`tributary verify FILE | head -1`). The rest is dropped, and the exit code stays. */
function brokenPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

/** Wraps text at a width, with `indent` before each line. A line keeps its own indentation, which matters in code. */
export function wrap(text: string, width: number, indent: string): string[] {
  const lines: string[] = [];
  for (const paragraph of text.split('\n')) {
    let line = '';
    const indented = indent + /^[ \t]*/.exec(paragraph)![0];
    for (const word of paragraph.split(/\s+/).filter(Boolean)) {
      if (line && indented.length + line.length + 1 + word.length > width) {
        lines.push(indented + line);
        line = word;
      } else line = line ? `${line} ${word}` : word;
    }
    lines.push(indented + line);
  }
  return lines;
}

// Controls (except the tab), formatting such as bidi overrides, line separators, private use, lone surrogates, and
// invisible letters.
const UNPRINTABLE = /(?!\t)[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}\u{115F}\u{1160}\u{2800}\u{3164}\u{FFA0}]/gu;

/** Escapes invisible characters as JSON does, so that printed JSON keeps its value. */
export function printable(text: string): string {
  return text.replaceAll(UNPRINTABLE, (character) =>
    character
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}
