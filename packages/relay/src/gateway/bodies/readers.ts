import { isUtf8 } from 'node:buffer';
import { jsonDepthMax, nestsDeeper, TributaryError } from '@tributary/schemas';
import type { FastifyInstance } from 'fastify';
import { RelayError } from '../../errors.ts';
import type { GatewayRoute } from '../types.ts';

/**
 * Fastify's JSON reader after a check of the encoding; it refuses `__proto__` keys. Other content types are refused by
 * name.
 */
export function readJson(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    if (!isUtf8(body)) return done(new TributaryError('INPUT_NOT_UTF8', 'the body is not UTF-8'));
    const text = body.toString();
    // Before any recursive code reads it.
    if (nestsDeeper(text, jsonDepthMax))
      return done(new TributaryError('INPUT_NOT_JSON', `the body nests deeper than ${jsonDepthMax} levels`));
    return parse(request, text, done);
  });
  app.addContentTypeParser('multipart/form-data', (request, body, done) => {
    if ((request.routeOptions.config as { form?: boolean }).form === true) return done(null, body);
    return done(new RelayError('CONTENT_TYPE', 'send the body as JSON, with content-type: application/json'));
  });
}

/** Bodies of other media types are passed as text to the routes that read them. */
export function readTexts(app: FastifyInstance, routes: readonly GatewayRoute[]): void {
  for (const type of new Set(routes.flatMap(({ bodyTypes }) => bodyTypes ?? []))) {
    app.addContentTypeParser(type, { parseAs: 'buffer' }, (request, body: Buffer, done) => {
      if (!(request.routeOptions.config as Pick<GatewayRoute, 'bodyTypes'>).bodyTypes?.includes(type))
        return done(new RelayError('CONTENT_TYPE', `this route reads no ${type}`));
      if (!isUtf8(body)) return done(new TributaryError('INPUT_NOT_UTF8', 'the body is not UTF-8'));
      return done(null, body.toString());
    });
  }
}
