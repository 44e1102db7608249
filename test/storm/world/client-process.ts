// A program that uses the SDK, in a process of its own. Argument: its folder.
import '@tributary/runtime/node-gc';
import { runClient } from './client-role.ts';

const stopping = new AbortController();
process.on('SIGTERM', () => stopping.abort());
process.exitCode = await runClient(process.argv.slice(2), console.log, stopping.signal);
