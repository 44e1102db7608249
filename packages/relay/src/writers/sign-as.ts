import type { Index, IndexWriter } from '@tributary/store';
import { RelayError } from '../errors.ts';
import type { WriterKeys } from './writer-keys.ts';

/**
 * An index whose writes are signed by the writer of the caller's key; by the owner if the key has none. It is read as
 * before.
 */
export function signAs(index: Index, writer: string | null, keys: WriterKeys): Index {
  if (writer === null) return index;
  const key = keys.find(writer);
  return { ...index, ...(key === undefined ? refusing(writer) : index.as(key)) };
}

function refusing(writer: string): IndexWriter {
  const refuse = async (): Promise<never> => {
    throw new RelayError(
      'WRITER_KEY',
      `this node does not hold the key of the writer ${writer}; tributary writer list shows those that it holds`,
    );
  };
  return { upsert: refuse, update: refuse, delete: refuse, updateMatching: refuse, addFile: refuse, deleteDocument: refuse };
}
