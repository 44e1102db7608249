import { createReadStream } from 'node:fs';

const NEWLINE = 0x0a;

/** A line of a file. `bytes` is null for a line that is too long. */
export interface Line {
  bytes: Buffer | null;
  /** Offset of the next line. */
  next: number;
}

/** The lines of a file from an offset on. Of a line that is too long nothing is kept in memory. */
export async function* readLines(path: string, from: number, bytesMax: number, signal: AbortSignal): AsyncGenerator<Line> {
  const parts: Buffer[] = [];
  let [held, tooLong, next] = [0, false, from];
  const keep = (part: Buffer): void => {
    tooLong ||= held + part.length > bytesMax;
    held += part.length;
    if (tooLong) parts.length = 0;
    else parts.push(part);
  };
  const end = (): Line => {
    const line = { bytes: tooLong ? null : Buffer.concat(parts), next };
    parts.length = 0;
    [held, tooLong] = [0, false];
    return line;
  };
  for await (const chunk of createReadStream(path, { start: from, signal }) as AsyncIterable<Buffer>) {
    let at = 0;
    for (let newline = chunk.indexOf(NEWLINE); newline >= 0; newline = chunk.indexOf(NEWLINE, at)) {
      keep(chunk.subarray(at, newline));
      next += newline + 1 - at;
      at = newline + 1;
      yield end();
    }
    if (at < chunk.length) {
      keep(chunk.subarray(at));
      next += chunk.length - at;
    }
  }
  if (held > 0) yield end();
}
