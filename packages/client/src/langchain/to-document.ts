import { Document } from '@langchain/core/documents';
import type { Passage } from '../frameworks/asker.ts';
import { PROVENANCE } from '../frameworks/metadata.ts';

export const toDocument = ({ result, provenance }: Passage): Document =>
  new Document({ id: result.id, pageContent: result.text, metadata: { ...result.metadata, [PROVENANCE]: provenance } });
