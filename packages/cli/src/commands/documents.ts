import type { DocumentInfo } from '@tributary/store';
import { dataFolder } from '../folders.ts';
import type { Output } from '../ui/output.ts';
import { counted } from '../steps/ingest-paths.ts';
import { openUpkeep } from '../steps/open-upkeep.ts';

/** `tributary documents --index NAME`: lists the documents of an index, through the running node or directly. */
export async function documentsCommand(
  { index, data, json }: { index: string; data?: string; json?: boolean },
  output: Output,
): Promise<number> {
  const upkeep = await openUpkeep(dataFolder('provider', data));
  try {
    const documents = await upkeep.documents(index);
    if (json) output.json(documents);
    else for (const line of describe(documents)) output.line(line);
  } finally {
    await upkeep.close();
  }
  return 0;
}

function describe(documents: readonly DocumentInfo[]): string[] {
  const records = documents.reduce((sum, each) => sum + each.records, 0);
  const hidden = documents.filter(({ sell }) => sell === 'never').reduce((sum, each) => sum + each.records, 0);
  return [
    ...documents.map(lineOf),
    `${counted(documents.length, 'document')}, ${counted(records, 'record')}, ${hidden} of them hidden from clients`,
  ];
}

function lineOf({ namespace, document, records, bytes, time, sell, whole, leftOut }: DocumentInfo): string {
  const name = namespace === '' ? document : `${document} (namespace ${namespace})`;
  const state = [
    sell === 'never' ? 'hidden' : 'sold',
    ...(whole ? [] : ['not complete']),
    ...(leftOut === null ? [] : [`left out: ${leftOut}`]),
  ];
  return `${name}  ${counted(records, 'record')}, ${bytes} bytes, ${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC, ${state.join(', ')}`;
}
