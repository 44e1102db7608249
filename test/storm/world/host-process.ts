// A process that runs one command line after another, as told over its channel.
import '@tributary/runtime/node-gc';
import { run } from '../../../packages/cli/src/run.ts';
import type { Output } from '../../../packages/cli/src/ui/output.ts';
import { runClient } from './client-role.ts';
import type { FromHost, ToHost } from './hosts.ts';

const send = process.send!.bind(process);
// The command line takes whoever it can send to for `tributary start`.
Object.assign(process, { send: undefined });
const tell = (message: FromHost) => void send(message);
const output: Output = {
  line: (text = '') => tell({ text }),
  json: (value) => tell({ text: JSON.stringify(value) }),
  note: (text) => tell({ text }),
  terminal: false,
  columns: 100,
};

let stopping = new AbortController();
process.on('message', (message: ToHost) => {
  if ('stop' in message) stopping.abort();
  else void start(message.start, message.env);
});

async function start([command = '', ...options]: readonly string[], env: Readonly<Record<string, string>>): Promise<void> {
  stopping = new AbortController();
  Object.assign(process.env, env);
  const ended =
    command === 'client'
      ? await runClient(options, output.line, stopping.signal)
      : await run([command, ...options], output, stopping.signal);
  tell({ ended });
}
