import type { Permission } from '@tributary/schemas';
import type { Caller } from '../../api-keys/types.ts';
import type { Access } from '../../gateway/access.ts';
import type { GatewayRoute } from '../../gateway/types.ts';
import { answerOwn } from '../data/query.ts';
import { fetchMatchingOwn, listOwn } from '../data/read.ts';
import { fetchFrom } from '../data/routes.ts';
import { FIELD } from '../others/others.ts';
import type { Places } from '../place.ts';
import { row } from '../row.ts';
import { fieldNames, type FieldNames } from './fields.ts';
import { fetchEndpoint, listEndpoint, type AskedDocuments, type DocumentPage } from './read.ts';
import { checkDimension, searchEndpoint, toNearest } from './search.ts';
import { deleteDocuments, deleteEndpoint, updateDocuments, updateEndpoint, upsertDocuments, upsertEndpoint } from './write.ts';

/** Records of others, whatever the schema of their owner says. */
const NAMES_OF_OTHERS: FieldNames = { dense: '_values', sparse: '_sparse_values', text: FIELD };

/** Documents: records whose vectors and text are fields among others. */
export function documentRoutes(places: Places, may: (permission: Permission) => Access): GatewayRoute[] {
  const [read, write] = [may('read'), may('write')];
  const { own, others, index, isOther } = places;
  const documents = '/i/:index/namespaces/:namespace/documents';
  return [
    row(['POST', `${documents}/upsert`], write, upsertEndpoint, (asked, caller) =>
      upsertDocuments(index(asked.index, caller), asked),
    ),
    row(['POST', `${documents}/search`], read, searchEndpoint, async (asked, caller, reply) => {
      if (isOther(asked.index, caller)) {
        const names = NAMES_OF_OTHERS;
        return { answer: await others.query(toNearest(asked, names), caller, reply), names };
      }
      const info = own.index(asked.index).info();
      const names = fieldNames(info);
      const near = toNearest(asked, names);
      checkDimension(info, near);
      return { answer: await answerOwn(own, near), names };
    }),
    row(['POST', `${documents}/fetch`], read, fetchEndpoint, (asked, caller) => fetchDocuments(places, asked, caller)),
    row(['POST', `${documents}/list`], read, listEndpoint, (asked, caller) => listOwn(index(asked.index, caller), asked)),
    row(['POST', `${documents}/update`], write, updateEndpoint, (asked, caller) =>
      updateDocuments(index(asked.index, caller), asked),
    ),
    row(['POST', `${documents}/delete`], write, deleteEndpoint, (asked, caller) =>
      deleteDocuments(index(asked.index, caller), asked),
    ),
  ];
}

/** From indexes of others by id, only what the caller's key has bought. */
async function fetchDocuments(places: Places, asked: AskedDocuments, caller: Caller): Promise<DocumentPage> {
  const { own, index, isOther } = places;
  const names = isOther(asked.index, caller) ? NAMES_OF_OTHERS : fieldNames(own.index(asked.index).info());
  if ('ids' in asked) return { page: await fetchFrom(places, asked, caller), names };
  return { page: await fetchMatchingOwn(index(asked.index, caller), asked), names };
}
