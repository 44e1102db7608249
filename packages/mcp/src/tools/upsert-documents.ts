import { createHash } from 'node:crypto';
import { namespace, recordId, recordTextBytesMax, text, utf8Length, type RecordBody } from '@tributary/schemas';
import { z } from 'zod';
import { toolDocumentsMax } from '../limits.ts';
import { labelsOf } from '../screen/screened.ts';
import { tool } from './tool.ts';

const document = z.object({
  id: recordId.optional().describe('Id of the document; without one, its text names it.'),
  text: text(recordTextBytesMax).min(1),
  title: text(512).optional(),
  uri: text(2_048).optional().describe('Where the text comes from.'),
  licence: text(1_024).optional(),
  metadata: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())])).optional(),
});

export const upsertDocuments = tool({
  name: 'upsert_documents',
  title: 'Write documents',
  description:
    'Writes texts to an own index; those of the same id are replaced. The write is signed with the key of the writer that the ' +
    'API key belongs to, so that readers see who wrote it. Resolves once it is on disk.',
  input: z.object({
    index: z.string().min(1).max(128),
    namespace: namespace.optional(),
    documents: z.array(document).min(1).max(toolDocumentsMax),
  }),
  output: z.object({
    ids: z.array(z.string()),
    /** Sequence of the write: the snapshot that has it. */
    sequence: z.number(),
    /** Documents that look as if they give orders to a model. They are stored as they are, and left out for agents. */
    flagged: z.array(z.object({ id: z.string(), flags: z.array(z.string()) })),
  }),
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  async run({ index, namespace: where = '', documents }, { toolkit }) {
    const records = [...new Map(documents.map((one) => [idOf(one), recordOf(one)])).values()];
    const { sequence } = await toolkit.library.upsert({ index, namespace: where }, records);
    const flagged = records.map((record) => ({ id: record.id, flags: labelsOf(record.text ?? '') }));
    return { ids: records.map(({ id }) => id), sequence, flagged: flagged.filter(({ flags }) => flags.length > 0) };
  },
});

type Document = z.output<typeof document>;

const digest = (content: string): string => createHash('sha256').update(content).digest('hex');
const idOf = ({ id, text: content }: Document): string => id ?? digest(content).slice(0, 32);

/** A document is one record. Its source says what can be cited. */
function recordOf(given: Document): RecordBody {
  const { text: content, title = '', uri = null, licence, metadata: labels } = given;
  const id = idOf(given);
  return {
    id,
    text: content,
    ...(labels === undefined ? {} : { metadata: labels }),
    ...(licence === undefined ? {} : { licence }),
    source: {
      document: id,
      uri,
      title,
      context: '',
      sha256: digest(content),
      start: 0,
      end: utf8Length(content),
      page: null,
      pageEnd: null,
    },
  };
}
