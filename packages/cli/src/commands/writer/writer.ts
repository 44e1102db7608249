import { join } from 'node:path';
import { askNode } from '@tributary/relay/local';
import { isTributaryError, type Delegation } from '@tributary/schemas';
import { dataFolder } from '../../folders.ts';
import type { Output } from '../../ui/output.ts';

interface WriterOptions {
  data?: string;
  json?: boolean;
}

interface IndexOptions extends WriterOptions {
  index: string;
}

/** `tributary writer create`: makes the key of a writer in a running node. */
export async function createWriterCommand(options: WriterOptions, output: Output): Promise<number> {
  const { writer } = await ask<{ writer: string }>(options, 'writerCreate', {});
  if (options.json) output.json({ writer });
  else output.line(writer);
  output.note('The node keeps its private key and signs with it: results show it as signer, with custody "provider". Next:');
  output.note(`  tributary writer delegate ${writer} --index NAME`);
  output.note(`  tributary key create --writer ${writer} --permission write --index NAME`);
  return 0;
}

/** `tributary writer list [--index NAME]` */
export async function listWritersCommand(options: WriterOptions & { index?: string }, output: Output): Promise<number> {
  if (options.index !== undefined) {
    const { writers } = await ask<{ writers: Delegation[] }>(options, 'writers', { index: options.index });
    show(writers, options, output);
    return 0;
  }
  const { writers } = await ask<{ writers: string[] }>(options, 'writerKeys', {});
  if (options.json) output.json(writers);
  else if (writers.length === 0) output.line('The node keeps no key of a writer; make one with: tributary writer create');
  else for (const writer of writers) output.line(writer);
  return 0;
}

/** `tributary writer delegate DID --index NAME [--namespace PREFIX]` */
export async function delegateCommand(
  writer: string,
  options: IndexOptions & { namespace: string },
  output: Output,
): Promise<number> {
  const { index, namespace } = options;
  const { writers } = await ask<{ writers: Delegation[] }>(options, 'writerDelegate', { index, writer, namespace });
  show(writers, options, output);
  return 0;
}

/** `tributary writer revoke DID --index NAME [--namespace PREFIX]` */
export async function revokeWriterCommand(
  writer: string,
  options: IndexOptions & { namespace?: string },
  output: Output,
): Promise<number> {
  const { index, namespace = null } = options;
  const { writers } = await ask<{ writers: Delegation[] }>(options, 'writerRevoke', { index, writer, namespace });
  show(writers, options, output);
  return 0;
}

function show(writers: readonly Delegation[], { json }: WriterOptions, output: Output): void {
  if (json) return output.json(writers);
  if (writers.length === 0) output.line('Nobody but the owner may write.');
  for (const { writer, namespace, from, until } of writers) {
    const where = namespace === '' ? 'every namespace' : `namespaces under '${namespace}'`;
    output.line(`${writer}  ${where}, from write ${from}${until === null ? '' : `, ended before write ${until}`}`);
  }
}

/** The node is in the folder given, or in `node` of the folder of `tributary start`. */
async function ask<T>(options: WriterOptions, method: string, params: object): Promise<T> {
  const folder = dataFolder('provider', options.data);
  try {
    return (await askNode(folder, method, params)) as T;
  } catch (error) {
    if (!isTributaryError(error) || error.code !== 'NODE_NOT_RUNNING') throw error;
    return (await askNode(join(folder, 'node'), method, params).catch((second: unknown) => {
      throw isTributaryError(second) && second.code === 'NODE_NOT_RUNNING' ? error : second;
    })) as T;
  }
}
