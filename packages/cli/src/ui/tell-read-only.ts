import type { Output } from './output.ts';

/** Says that a node serves reads only. @param also what else stays undone */
export function tellReadOnly(dataDirectory: string, also: string, output: Output): void {
  output.note(`the file system of ${dataDirectory} is read-only: reads are served, writes and sales are refused (READ_ONLY)`);
  output.note(`${also}; to change that, make it writable and start again`);
}
