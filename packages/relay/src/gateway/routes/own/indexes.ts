import { checkShape, createIndexBody, deletedIndex, ownIndex, type CreateIndexBody, type OwnIndex } from '@tributary/schemas';
import type { Endpoint } from '../../endpoint.ts';
import { OWN_READ, OWN_WRITE } from './codes.ts';
import { NAME_PARAM, nameOf } from './index-name.ts';

export const createIndexEndpoint: Endpoint<CreateIndexBody, OwnIndex> = {
  id: 'create-index',
  summary: "Makes a private index in the node's own store.",
  body: createIndexBody,
  replies: { 201: { description: 'The index.', schema: ownIndex } },
  errors: [
    ...OWN_WRITE,
    'INDEX_NAME',
    'INDEX_EXISTS',
    'STORE_FULL',
    'MODEL_NOT_FOUND',
    'VECTOR_DIMENSION',
    'VECTOR_KIND',
    'RECORD_INVALID',
    'LEDGER_WRITE',
  ],
  status: 201,
  parse: (request) => checkShape(createIndexBody, request.body, 'index'),
  shape: (index) => index,
};

export const describeIndexEndpoint: Endpoint<string, OwnIndex> = {
  id: 'describe-index',
  summary: 'Describes an own index.',
  params: NAME_PARAM,
  replies: { 200: { description: 'The index.', schema: ownIndex } },
  errors: OWN_READ,
  parse: nameOf,
  shape: (index) => index,
};

export const deleteIndexEndpoint: Endpoint<string, string> = {
  id: 'delete-index',
  summary: 'Removes an own index with all its files, for good.',
  params: NAME_PARAM,
  replies: { 200: { description: 'The id of the index that is gone.', schema: deletedIndex } },
  errors: [...OWN_WRITE, 'INDEX_PROTECTED', 'LEDGER_WRITE'],
  parse: nameOf,
  shape: (deleted) => ({ deleted }),
};
