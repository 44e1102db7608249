import type { DocumentEntry } from './disk/records.ts';
import { StoreError } from './errors.ts';
import { addFile } from './ingest/add-file.ts';
import { deleteDocument, restate } from './ingest/documents/upkeep.ts';
import { ingest, planIngest } from './ingest/ingest.ts';
import type { DocumentParser } from './ingest/parse/parse.ts';
import type { IngestTarget } from './ingest/types.ts';
import { filesWaitingMax, listIdsMax } from './limits.ts';
import type { DocumentInfo, DocumentPlace } from './reports.ts';
import { createTurns } from './turns.ts';
import type { Index } from './types.ts';
import type { IndexProxy } from './worker/proxy.ts';

type DocumentMethods = Pick<Index, 'ingest' | 'plan' | 'addFile' | 'documents' | 'deleteDocument' | 'busy' | 'restate'>;

/** Methods for the owner, and for the other writers of an index. All of them take turns. */
interface Documents {
  methods: DocumentMethods;
  as(target: IngestTarget): Pick<Index, 'addFile' | 'deleteDocument'>;
}

/** What an index does with whole documents. Methods that change them take turns. */
export function documentMethods(
  name: string,
  target: IngestTarget,
  proxy: IndexProxy,
  parser: Pick<DocumentParser, 'parse'>,
): Documents {
  const turns = createTurns(
    () => new StoreError('STORE_BUSY', `an ingest into index ${name} is running; wait for it, or stop it`),
    () => new StoreError('STORE_BUSY', `${filesWaitingMax} files wait for index ${name} already; try again`),
  );
  const as: Documents['as'] = (writes) => ({
    addFile: (file, options = {}, onProgress = () => undefined) =>
      turns.next(async () => {
        const added = await addFile(file, options, onProgress, { target: writes, parser });
        return { ...added, sequence: proxy.status().sequence };
      }),
    deleteDocument: (place) => turns.next(() => deleteForGood(place, writes, proxy)),
  });
  const methods: DocumentMethods = {
    ...as(target),
    ingest: (paths, options = {}, onProgress = () => undefined) => turns.alone(() => ingest(paths, options, onProgress, target)),
    plan: (paths, options = {}, onProgress = () => undefined) => planIngest(paths, options, onProgress, target),
    documents: async (after = null, { namespace = null, limit = listIdsMax } = {}) =>
      (await proxy.call('documents', { namespace, after, limit })).map(describeDocument),
    busy: () => turns.taken(),
    restate: (sell) => turns.alone(() => restate(target, sell)),
  };
  return { methods, as };
}

/** Deletes a document's records, then purges their old values from the database's files. */
async function deleteForGood({ namespace, document }: DocumentPlace, target: IngestTarget, proxy: IndexProxy) {
  const deleted = await deleteDocument(target, namespace, document);
  await proxy.call('compact', null);
  return deleted;
}

function describeDocument({ namespace, document, row }: DocumentEntry): DocumentInfo {
  const { file, bytes, time, records, sell, state, left, flagged } = row;
  const [first] = left;
  const leftOut = first === undefined ? null : first.row === null ? first.reason : `${first.row}: ${first.reason}`;
  return { namespace, document, file, bytes, time, records, sell, whole: state === 'whole', leftOut, flagged };
}
