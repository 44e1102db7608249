import { checkShape, TributaryError, inWords } from '@tributary/schemas';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';

// Parts that several requests share.

/** A member that may be null. Null means absent, as in the JSON form of protocol buffers. */
export const optional = <T extends z.ZodType>(schema: T) => schema.nullish().transform((value) => value ?? undefined);

// Without a NUL.
const ASCII = /^[^\0\u{80}-\u{10FFFF}]*$/u;

/** 1 to 512 ASCII characters. */
export const vectorId = z
  .string()
  .min(1, 'Vector ID must not be empty')
  .max(512, 'Vector ID must have at most 512 characters')
  .superRefine((id, context) => {
    if (id.includes('\0')) context.addIssue({ code: 'custom', message: 'Vector ID must not contain null character' });
    else if (!ASCII.test(id)) context.addIssue({ code: 'custom', message: `Vector ID must be ASCII, but got '${id}'` });
  });

const namespaceName = z
  .string()
  .max(512, 'Namespace must have at most 512 characters')
  .regex(ASCII, 'Namespace must be ASCII without null characters');

/** The node's own name of a namespace. The default one has three names. */
export const namespace = optional(namespaceName).transform((name) => (name === '__default__' ? '' : (name ?? '')));

const indexPath = z.object({ index: z.string().min(1).max(128) });
const namespacePath = z.object({ namespace });

/** `:index` in a path: an id, or the name of an own index. */
export const indexOf = (request: FastifyRequest): string => checkShape(indexPath, request.params, 'path').index;

/** `:namespace` in a path. */
export const namespaceOf = (request: FastifyRequest): string => checkShape(namespacePath, request.params, 'path').namespace;

/** Parses a body; an absent one is an empty object. Like Pinecone's, the message only says what is wrong. */
export function readBody<T extends z.ZodType>(schema: T, { body }: FastifyRequest): z.output<T> {
  return readValue(schema, body ?? {});
}

/** @throws TributaryError INPUT_SHAPE */
export function readValue<T extends z.ZodType>(schema: T, value: unknown): z.output<T> {
  const result = schema.safeParse(value, { error: inWords });
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  throw new TributaryError(
    'INPUT_SHAPE',
    path.length === 0 || / ID |^Namespace /.test(message) ? message : `${path.join('.')}: ${message}`,
  );
}

/** @throws TributaryError INPUT_SHAPE */
export function unsupported(reason: string): never {
  throw new TributaryError('INPUT_SHAPE', `This node does not support ${reason}`);
}

/** The position of the next page, in the form that clients pass back. */
export const toToken = (after: string): string => Buffer.from(after).toString('base64url');
export const token = optional(z.string().max(1_024)).transform((value) =>
  value === undefined || value === '' ? undefined : Buffer.from(value, 'base64url').toString(),
);
