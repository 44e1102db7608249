import type { FastifyInstance } from 'fastify';

/**
 * A scope of the server for routes that read their bodies themselves, whatever the content type. Nothing is read before
 * the handler asks for it.
 */
export function acceptUploads(app: FastifyInstance, addRoutes: (scope: FastifyInstance) => void): void {
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, body, done) => done(null, body));
    addRoutes(scope);
  });
}
