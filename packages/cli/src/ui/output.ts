/** Where a command writes: results on `out`, everything else on `err`. */
export interface Output {
  /** A line of the result. */
  line(text?: string): void;
  /** A line about what is going on. */
  note(text: string): void;
  readonly terminal: boolean;
  readonly columns: number;
}

export function createOutput(out: NodeJS.WriteStream, err: NodeJS.WriteStream): Output {
  for (const stream of [out, err]) stream.on('error', brokenPipe);
  return {
    line: (text = '') => void out.write(`${text}\n`),
    note: (text) => void err.write(`${text}\n`),
    terminal: err.isTTY,
    columns: out.columns ?? 100,
  };
}

/** Whoever reads may stop early (`tributary verify FILE | head -1`): the rest goes nowhere, and the exit code stands. */
function brokenPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

/** Wraps text to the width given, with `indent` before each line; a line's own indentation is kept, as code needs it. */
export function wrap(text: string, width: number, indent: string): string {
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
  return lines.join('\n');
}

/** Passages come from strangers: control and invisible formatting characters are shown as \u{…}, so that they cannot drive the terminal. */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}]/gu, (character) =>
    character === '\n' || character === '\t' ? character : `\\u{${character.codePointAt(0)!.toString(16)}}`,
  );
}
