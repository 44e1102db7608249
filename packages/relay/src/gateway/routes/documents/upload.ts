import {
  addDocumentQuery,
  addedDocument,
  checkShape,
  documentLine,
  documentName,
  ERROR_CODES,
  metadata,
  metadataBytesMax,
  parseJson,
  TributaryError,
  type AddedDocument,
  type ErrorCode,
  type Metadata,
} from '@tributary/schemas';
import { documentTypeOf, fileBytesMax, StoreError, type AddedFile, type NewFile } from '@tributary/store';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { OwnIndexes } from '../../../own/types.ts';
import { callerOf, type Access } from '../../access.ts';
import { errorReply } from '../../error-reply.ts';
import { createHeldBodies } from '../../held-bodies.ts';
import type { InFlight } from '../../in-flight.ts';
import { uploadBytesHeldMax } from '../../limits.ts';
import { codesOf } from '../../route-codes.ts';
import type { GatewayDeps, GatewayRoute } from '../../types.ts';
import { isForm } from '../../bodies/form.ts';
import { replyWithProgress } from '../../bodies/progress-reply.ts';
import { isBounded, receive, type Received } from '../../bodies/receive.ts';
import { RECORD_WRITE } from '../own/codes.ts';
import { NAME_PARAM, nameOf } from '../own/index-name.ts';

const PARSING = (Object.keys(ERROR_CODES) as ErrorCode[]).filter((code) => code.startsWith('PARSE_'));

const DESCRIPTION: Omit<GatewayRoute, 'method' | 'url' | 'access' | 'handler'> = {
  id: 'add-document',
  summary: 'Takes a file into an own index: its text is cut into chunks and embedded. A document of that name is replaced.',
  params: NAME_PARAM,
  query: {
    name: {
      schema: addDocumentQuery.shape.name,
      description: 'Name of the document; that of the file in the form when left out.',
    },
    namespace: { schema: addDocumentQuery.shape.namespace, description: 'Namespace; the default one when left out.' },
  },
  upload: { fields: { metadata: 'JSON object; every chunk gets it.' } },
  replies: {
    200: {
      description:
        'What the index now has of the document; on disk. With `accept: application/x-ndjson`, lines of progress before.',
      schema: addedDocument,
      lines: documentLine,
    },
  },
  errors: [...RECORD_WRITE, ...PARSING, 'MODEL_NOT_FOUND', 'INPUT_NOT_JSON', 'DEADLINE', 'ABORTED'],
};

/** The only route that reads its body itself. It may reply before the body has ended. */
export function uploadRoute(
  url: string,
  access: Access,
  own: OwnIndexes,
  uploads: InFlight,
  { log, metrics, folder }: Pick<GatewayDeps, 'log' | 'metrics' | 'folder'>,
): GatewayRoute {
  const held = createHeldBodies(uploadBytesHeldMax);
  const add = async (request: FastifyRequest, reply: FastifyReply, signal: AbortSignal) => {
    const index = nameOf(request);
    const { name, namespace = '' } = checkShape(addDocumentQuery, request.query, 'address');
    own.describe(index); // before anything is read
    if (name !== undefined && !isForm(request.headers)) checkKind(name, request.headers['content-type']);
    const received = await receive(request, own.uploads, ['metadata']);
    try {
      const file = fileOf(received, name);
      checkKind(file.name, file.mediaType);
      const options = { namespace, signal, ...metadataOf(received) };
      const work = (tell: Parameters<OwnIndexes['addFile']>[3]) =>
        own.addFile(index, file, options, tell, callerOf(request).writer);
      if (!wantsProgress(request)) return await reply.send(toDocument(await work(() => undefined)));
      return await replyWithProgress(reply, work, {
        toLine: (added) => ({ document: toDocument(added) }),
        failed(error) {
          const { status, body } = errorReply(error, request.id, { allowed: codesOf(route), folder });
          metrics.errors.inc({ code: body.error.code });
          if (status >= 500) log.error('request-failed', { request: request.id, route: url, error });
          return body;
        },
      });
    } finally {
      await received.remove();
    }
  };
  const route: GatewayRoute = {
    ...DESCRIPTION,
    method: 'POST',
    url,
    access,
    handler: (request, reply) =>
      uploads.run(reply, async (signal) => {
        const release = held.take(Math.min(Number(request.headers['content-length'] ?? fileBytesMax), fileBytesMax));
        try {
          return await add(request, reply, signal);
        } catch (error) {
          // Node reads the rest of the body, so that the caller reads the refusal. A body without a limit is not read.
          if (!reply.sent && !isBounded(request)) void reply.header('connection', 'close');
          throw error;
        } finally {
          release();
        }
      }),
  };
  return route;
}

/** @throws StoreError PARSE_UNSUPPORTED */
function checkKind(name: string, mediaType: string | undefined): void {
  if (documentTypeOf(name, mediaType) !== null) return;
  throw new StoreError(
    'PARSE_UNSUPPORTED',
    `nobody here reads '${name}' of type ${mediaType ?? 'unknown'}; give it a name that ends in .md, .html, .txt, .pdf, .docx, ` +
      '.jsonl, .csv or the ending of a programming language, or the content type of one of these',
  );
}

function fileOf({ path, fileName, mediaType }: Received, stated: string | undefined): NewFile {
  const name = documentName.safeParse(stated ?? fileName);
  if (!name.success)
    throw new TributaryError(
      'INPUT_SHAPE',
      'the document needs a name: add ?name=NAME to the address, or send a form whose file has one',
    );
  return { path, name: name.data, ...(mediaType === undefined ? {} : { mediaType }) };
}

function metadataOf({ fields }: Received): { metadata?: Metadata } {
  const json = fields?.get('metadata');
  if (json === undefined) return {};
  return { metadata: checkShape(metadata, parseJson(json, 'metadata', metadataBytesMax), 'metadata') };
}

const wantsProgress = ({ headers }: FastifyRequest): boolean => headers.accept?.includes('application/x-ndjson') === true;

function toDocument({ document, ...added }: AddedFile): AddedDocument {
  return { name: document, ...added };
}
