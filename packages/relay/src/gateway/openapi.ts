import { ERROR_CODES, gatewayError } from '@tributary/schemas';
import { z } from 'zod';
import { codesOf } from './route-codes.ts';
import { NAMED } from './schemas.ts';
import type { GatewayRoute, RouteReply } from './types.ts';

// Generators would make one client of three APIs, with two forms of errors that are not the gateway's own.
const ABOUT =
  'Asks private vector indexes, pays for the answers and verifies them. Amounts are decimal strings in the smallest unit ' +
  "of the ledger. A node also serves Pinecone's and OpenAI's APIs. They are not in here: their authors describe them, and " +
  'docs/spec/pinecone.md and docs/spec/openai.md say which of their routes a node has.';

type Json = Record<string, unknown>;

/**
 * OpenAPI 3.1 description of the routes (https://spec.openapis.org/oas/v3.1.0), from the schemas that parse the
 * requests.
 */
export function describeRoutes(routes: readonly GatewayRoute[]): Json {
  const schemaOf = createNaming();
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    const path = route.url.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: describe(route, schemaOf) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Tributary gateway',
      version: '1.0.0',
      description: ABOUT,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    paths,
    components: {
      schemas: schemaOf.named,
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer' }, apiKey: { type: 'apiKey', in: 'header', name: 'Api-Key' } },
    },
  };
}

type Naming = ((schema: z.ZodType) => Json) & { named: Json };

/** Replaces schemas that have a name by references. */
function createNaming(): Naming {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(NAMED)) registry.add(schema, { id });
  const options = { uri: (id: string) => `#/components/schemas/${id}`, unrepresentable: 'any', io: 'input' } as const;
  const { schemas } = z.toJSONSchema(registry, options);
  const named = Object.fromEntries(Object.entries(schemas).map(([id, schema]) => [id, withoutAddress(schema)]));
  const nameOf = new Map<z.ZodType, string>(Object.entries(NAMED).map(([id, schema]) => [schema, id]));
  const schemaOf = (schema: z.ZodType): Json => {
    const id = nameOf.get(schema);
    if (id !== undefined) return { $ref: `#/components/schemas/${id}` };
    return withoutAddress(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }));
  };
  return Object.assign(schemaOf, { named });
}

function withoutAddress(schema: Json): Json {
  const { $schema: _, $id: __, id: ___, ...rest } = schema;
  return rest;
}

function describe(route: GatewayRoute, schemaOf: Naming): Json {
  const parameters = [
    ...parametersOf(route.params, 'path', schemaOf),
    ...parametersOf(route.query, 'query', schemaOf),
    ...parametersOf(route.requestHeaders, 'header', schemaOf),
  ];
  return {
    operationId: route.id,
    summary: route.summary,
    ...securityOf(route),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(route.body ? { requestBody: { required: true, content: { 'application/json': { schema: schemaOf(route.body) } } } } : {}),
    ...(route.upload ? { requestBody: uploadBody(route.upload) } : {}),
    responses: { ...repliesOf(route.replies, schemaOf), ...errorsOf(route, schemaOf) },
  };
}

/** A file as the body, or as a part of a form. */
function uploadBody({ fields }: NonNullable<GatewayRoute['upload']>): Json {
  const file = { type: 'string', contentMediaType: 'application/octet-stream' };
  const others = Object.entries(fields).map(([name, description]) => [name, { type: 'string', description }]);
  const properties = { file, ...(Object.fromEntries(others) as Json) };
  return {
    required: true,
    content: {
      'multipart/form-data': { schema: { type: 'object', required: ['file'], properties, additionalProperties: false } },
      '*/*': { schema: { description: 'The bytes of the file.' } },
    },
  };
}

/** A key is needed once the gateway has one. Until then it answers programs on its own machine. */
function securityOf({ access }: GatewayRoute): Json {
  if (access === 'public') return { security: [] };
  const description = `Once the gateway has API keys, it takes one with the permission \`${access.permission}\`.`;
  return { description, security: [{ bearer: [] }, { apiKey: [] }] };
}

function parametersOf(given: GatewayRoute['query'], place: 'path' | 'query' | 'header', schemaOf: Naming): Json[] {
  return Object.entries(given ?? {}).map(([name, { schema, description, required }]) => ({
    name,
    in: place,
    required: required ?? place === 'path',
    description,
    schema: schemaOf(schema),
  }));
}

function repliesOf(replies: Readonly<Record<number, RouteReply>>, schemaOf: Naming): Json {
  const content = ({ schema, mediaType = 'application/json', lines }: RouteReply): Json => ({
    [mediaType]: { schema: schema ? schemaOf(schema) : { type: 'string' } },
    ...(lines ? { 'application/x-ndjson': { schema: schemaOf(lines) } } : {}),
  });
  return Object.fromEntries(
    Object.entries(replies).map(([status, reply]) => [
      status,
      { description: reply.description, ...(reply.schema || reply.mediaType ? { content: content(reply) } : {}) },
    ]),
  );
}

/** Errors by status, each with its codes. A status that the route also uses for its replies has both schemas. */
function errorsOf(route: GatewayRoute, schemaOf: Naming): Json {
  const byStatus = Map.groupBy(codesOf(route), (code) => ERROR_CODES[code].http);
  const refusal = schemaOf(gatewayError);
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => {
      const own = route.replies[status];
      const schema = own?.schema ? { anyOf: [schemaOf(own.schema), refusal] } : refusal;
      return [
        status,
        {
          description: `${own ? `${own.description} ` : ''}Refused: ${codes.toSorted().join(', ')}.`,
          ...(codes.some((code) => ERROR_CODES[code].retry) ? { headers: RETRY_AFTER } : {}),
          content: { 'application/json': { schema } },
        },
      ];
    }),
  );
}

const RETRY_AFTER: Json = {
  'retry-after': { description: 'Seconds until the same call may succeed.', schema: { type: 'integer' } },
};
