#!/usr/bin/env -S node --initial-old-space-size=256
import '@tributary/runtime/node-gc';
import { run } from './run.ts';
import { describeError } from './ui/describe-error.ts';
import { printable } from './ui/output.ts';

// An uncaught error ends the process, but with one line instead of a trace.
process.on('uncaughtException', (error) => {
  for (const line of `tributary: ${describeError(error)}`.split('\n')) process.stderr.write(`${printable(line)}\n`);
  process.exit(1);
});

process.exitCode = await run(process.argv.slice(2));
