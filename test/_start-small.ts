// `tributary start` with two small collections instead of the installed ones. Arguments: folder of documents, data
// folder.
import '@tributary/runtime/node-gc';
import { join } from 'node:path';
import type { Collection } from '../packages/cli/src/steps/installed-collections.ts';
import { startNetwork } from '../packages/cli/src/commands/start.ts';
import { interruptible } from '../packages/cli/src/ui/interrupt.ts';
import { describeError } from '../packages/cli/src/ui/describe-error.ts';
import { createOutput } from '../packages/cli/src/ui/output.ts';

const [documents = '', data = ''] = process.argv.slice(2);
const collection = (index: string, question: string): Collection => ({
  index,
  title: `About ${index}`,
  description: '',
  licence: 'CC-BY-4.0',
  price: '1',
  paths: [join(documents, index)],
  questions: [question],
});
const collections = [collection('rivers', 'when does the flood begin'), collection('birds', 'where do storks nest')];
const output = createOutput(process.stdout, process.stderr);
try {
  process.exitCode = await startNetwork(collections, { port: '0', data }, output, interruptible());
} catch (error) {
  output.note(describeError(error));
  process.exitCode = 1;
}
