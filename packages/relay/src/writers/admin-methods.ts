import { checkShape, did, namespace, text } from '@tributary/schemas';
import type { Store } from '@tributary/store';
import { z } from 'zod';
import type { AdminMethods } from '../admin/admin-server.ts';
import type { WriterKeys } from './writer-keys.ts';

const index = text(128).min(1);
const indexParams = z.strictObject({ index });
const delegateParams = z.strictObject({ index, writer: did, namespace });
const revokeParams = z.strictObject({ index, writer: did, namespace: namespace.nullable() });

/** What the owner of a node can do with writers, over the admin socket. */
export function writerAdmin(keys: WriterKeys, store: Store): AdminMethods {
  return {
    writerCreate: async () => ({ writer: await keys.create() }),
    writerKeys: async () => ({ writers: keys.list() }),
    writers: async (params) => {
      const asked = checkShape(indexParams, params, 'parameters');
      return { writers: await store.index(asked.index).writers() };
    },
    writerDelegate: async (params) => {
      const asked = checkShape(delegateParams, params, 'parameters');
      return { writers: await store.index(asked.index).changeWriters({ ...change(asked), kind: 'delegate' }) };
    },
    writerRevoke: async (params) => {
      const asked = checkShape(revokeParams, params, 'parameters');
      return { writers: await store.index(asked.index).changeWriters({ ...change(asked), kind: 'revoke' }) };
    },
  };
}

const change = ({ writer, namespace: prefix }: z.output<typeof revokeParams>) => ({ writer, namespace: prefix });
