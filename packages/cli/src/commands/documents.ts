import type { DocumentInfo } from '@tributary/store';
import { openOwnNode, type OwnNodeOptions } from '../steps/own-node.ts';
import { dataFolder } from '../folders.ts';
import type { Output } from '../ui/output.ts';
import { counted } from '../steps/ingest-paths.ts';
import { openUpkeep } from '../steps/open-upkeep.ts';

/** `tributary documents --index NAME`: lists the documents of an index, through the running node or directly. */
export async function documentsCommand(
  { index, data, json, ...node }: OwnNodeOptions & { index: string; namespace?: string; data?: string; json?: boolean },
  output: Output,
): Promise<number> {
  if (node.gateway !== undefined) {
    show(await documentsOfNode(index, node), json, output);
    return 0;
  }
  const upkeep = await openUpkeep(dataFolder('provider', data));
  try {
    show(await upkeep.documents(index), json, output);
  } finally {
    await upkeep.close();
  }
  return 0;
}

type Shown = Omit<DocumentInfo, 'file'>;

/** Lists the documents of one namespace, over HTTP. */
async function documentsOfNode(
  index: string,
  { namespace, ...options }: OwnNodeOptions & { namespace?: string },
): Promise<Shown[]> {
  const node = (await openOwnNode(options)).index(index);
  const all: Shown[] = [];
  for (let after: string | null | undefined; after !== null;) {
    const page = await node.documents.list({
      ...(namespace === undefined ? {} : { namespace }),
      ...(after === undefined ? {} : { after }),
    });
    all.push(...page.documents.map(({ name, time, ...info }) => ({ document: name, ...info, time: Date.parse(time) })));
    after = page.next;
  }
  return all;
}

function show(documents: readonly Shown[], json: boolean | undefined, output: Output): void {
  if (json) output.json(documents);
  else for (const line of describe(documents)) output.line(line);
}

function describe(documents: readonly Shown[]): string[] {
  const records = documents.reduce((sum, each) => sum + each.records, 0);
  const hidden = documents.filter(({ sell }) => sell === 'never').reduce((sum, each) => sum + each.records, 0);
  return [
    ...documents.map(lineOf),
    ...describeFlagged(documents),
    `${counted(documents.length, 'document')}, ${counted(records, 'record')}, ${hidden} of them hidden from clients`,
  ];
}

/** The owner sees which documents agents do not get. */
function describeFlagged(documents: readonly Shown[]): string[] {
  const flagged = documents.filter((each) => each.flagged.count > 0);
  if (flagged.length === 0) return [];
  const records = flagged.reduce((sum, each) => sum + each.flagged.count, 0);
  return [`${counted(records, 'record')} in ${counted(flagged.length, 'document')} look as if meant to give orders to a model`];
}

function lineOf({ namespace, document, records, bytes, time, sell, whole, leftOut, flagged }: Shown): string {
  const name = namespace === '' ? document : `${document} (namespace ${namespace})`;
  const state = [
    sell === 'never' ? 'hidden' : 'sold',
    ...(whole ? [] : ['not complete']),
    ...(leftOut === null ? [] : [`left out: ${leftOut}`]),
    ...(flagged.count === 0 ? [] : [`${flagged.count} flagged: ${flagged.flags.join(' ')}`]),
  ];
  return `${name}  ${counted(records, 'record')}, ${bytes} bytes, ${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC, ${state.join(', ')}`;
}
