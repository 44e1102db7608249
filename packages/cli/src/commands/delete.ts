import { stat } from 'node:fs/promises';
import { TributaryError } from '@tributary/schemas';
import { dataFolder } from '../folders.ts';
import { confirm } from '../ui/confirm.ts';
import type { Output } from '../ui/output.ts';
import { counted } from '../steps/ingest-paths.ts';
import { openOwnNode, type OwnNodeOptions } from '../steps/own-node.ts';
import { openUpkeep, type Upkeep } from '../steps/open-upkeep.ts';

export interface DeleteOptions extends OwnNodeOptions {
  index: string;
  document?: string;
  namespace?: string;
  yes?: boolean;
  data?: string;
}

/** `tributary delete --index NAME [--document PATH]`: through the running node, or in the folder of a stopped one. */
export async function deleteCommand(options: DeleteOptions, output: Output): Promise<number> {
  if (options.gateway !== undefined) return deleteOnNode(options, output);
  const upkeep = await openUpkeep(dataFolder('provider', options.data));
  try {
    if (options.document === undefined) await deleteIndex(upkeep, options, output);
    else await deleteDocument(upkeep, options, options.document, output);
  } finally {
    await upkeep.close();
  }
  return 0;
}

/** Deletes a document of a node, over HTTP. */
async function deleteOnNode(options: DeleteOptions, output: Output): Promise<number> {
  const { index, document, namespace } = options;
  if (document === undefined)
    throw new TributaryError('USAGE', '--gateway deletes a document: give --document, or use tributary index delete');
  const node = await openOwnNode(options);
  await agree(`Delete '${document}' from index ${index}?`, options);
  const { records } = await node.index(index).documents.delete(document, namespace === undefined ? {} : { namespace });
  output.line(`${document}: ${counted(records, 'record')} deleted; clients keep what they have seen`);
  return 0;
}

async function deleteDocument(upkeep: Upkeep, options: DeleteOptions, document: string, output: Output): Promise<void> {
  const { index, namespace = '' } = options;
  await agree(`Delete '${document}' from index ${index}?`, options);
  const { records, file } = await upkeep.deleteDocument(index, namespace, document);
  output.line(`${document}: ${counted(records, 'record')} deleted; clients keep what they have seen`);
  if ((await stat(file).catch(() => null)) !== null) {
    output.note(
      `its file is still there: ${file} the next provide of its folder ingests it again, unless it is moved or in .gitignore`,
    );
  }
}

async function deleteIndex(upkeep: Upkeep, options: DeleteOptions, output: Output): Promise<void> {
  const { index } = options;
  const documents = await upkeep.documents(index).catch((error: unknown) => {
    if (upkeep.exists(index)) return null;
    throw error;
  });
  const what = documents === null ? 'which cannot be read' : `with ${counted(documents.length, 'document')}`;
  output.note(
    `Index ${index}, ${what}, will be deleted with its texts, vectors, salts, log, policy and offers. Only a backup can restore it.`,
  );
  output.note(
    `A later index with this name has the same id and a new log, and clients that know the old log refuse it. Choose another name then.`,
  );
  await agree(`Delete index ${index}?`, options);
  await upkeep.deleteIndex(index);
  output.line(`index ${index} is deleted; clients keep what they have seen`);
}

async function agree(question: string, { yes }: DeleteOptions): Promise<void> {
  if (yes !== true && !(await confirm(question))) throw new TributaryError('CANCELLED', 'nothing was deleted');
}
