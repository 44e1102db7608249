import type { Access } from '../gateway/access.ts';
import type { GatewayRoute } from '../gateway/types.ts';
import { unsupported } from './parts.ts';
import { row } from './row.ts';

/** Reason by the start of a path. It covers all paths below. */
const CONTROL: readonly (readonly [path: string, reason: string])[] = [
  ['/backup-schedules', 'backup schedules'],
  ['/assistant', 'the assistant'],
  ['/admin', 'the administration API; keys are made with tributary key create'],
];
const METHODS = ['GET', 'POST', 'PATCH', 'DELETE'] as const;

/** Routes that state why they are not served: with 400, never 5xx, which clients would repeat. */
export function unsupportedRoutes(indexAccess: (permission: 'read') => Access): GatewayRoute[] {
  const read: Access = { permission: 'read' };
  const refuse = (method: GatewayRoute['method'], url: string, access: Access, reason: string) =>
    row([method, url], access, { parse: () => unsupported(reason), shape: () => undefined }, () => null);
  const control = CONTROL.flatMap(([path, reason]) =>
    METHODS.flatMap((method) => [refuse(method, path, read, reason), refuse(method, `${path}/*`, read, reason)]),
  );
  const collections = METHODS.flatMap((method) => [
    ...(method === 'GET' ? [] : [refuse(method, '/collections', read, 'collections: they are made of pods')]),
    refuse(method, '/collections/*', read, 'collections: they are made of pods'),
  ]);
  const below = METHODS.flatMap((method) => [
    refuse(method, '/indexes/:name/*', read, 'this part of the control plane (schedules of backups)'),
    refuse(method, '/i/:index/bulk/*', indexAccess('read'), 'this part of bulk import'),
    refuse(method, '/i/:index/namespaces/:namespace/documents/*', indexAccess('read'), `this ${method} of the documents API`),
    refuse(method, '/i/:index/*', indexAccess('read'), `this ${method} of the data plane`),
  ]);
  return [...control, ...collections, ...below];
}
