import { checkShape, text } from '@tributary/schemas';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { GatewayRoute } from '../../types.ts';

const params = z.strictObject({ name: text(128).min(1) });

/** `:name` of a path. */
export const NAME_PARAM: NonNullable<GatewayRoute['params']> = {
  name: { schema: params.shape.name, description: 'Name or id of an own index.' },
};

export const nameOf = (request: FastifyRequest): string => checkShape(params, request.params, 'path').name;
