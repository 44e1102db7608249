import type { Caller } from '../../api-keys/types.ts';
import type { Access } from '../../gateway/access.ts';
import type { GatewayRoute } from '../../gateway/types.ts';
import { nameOf } from '../control/indexes.ts';
import type { Places } from '../place.ts';
import { row } from '../row.ts';
import type { Backups } from './backups.ts';
import {
  cut,
  describeEndpoint,
  describeRestoreEndpoint,
  listEndpoint,
  listOfIndexEndpoint,
  listRestoresEndpoint,
  makeEndpoint,
  removeEndpoint,
  restoreEndpoint,
} from './endpoints.ts';
import type { BackupRow } from './types.ts';

const admin: Access = { permission: 'admin' };

/** Backups of own indexes, and indexes made from them. A key reaches the backups of the indexes that it covers. */
export function backupRoutes({ own, index }: Places, backups: Backups): GatewayRoute[] {
  const ofIndex: Access = { permission: 'admin', index: (request) => own.idOf(nameOf(request)) ?? nameOf(request) };
  const mine = (id: string, caller: Caller): BackupRow => {
    const backup = backups.get(id);
    caller.require('admin', backup.source.id);
    return backup;
  };
  return [
    row(['POST', '/indexes/:name/backups'], ofIndex, makeEndpoint, ({ index: name, ...asked }, caller) =>
      backups.make(index(name, caller).info(), asked),
    ),
    row(['GET', '/indexes/:name/backups'], ofIndex, listOfIndexEndpoint, ({ index: name, ...page }) =>
      cut(
        backups.all().filter(({ source }) => source.name === name),
        page,
      ),
    ),
    row(['GET', '/backups'], admin, listEndpoint, (page, caller) =>
      cut(
        backups.all().filter(({ source }) => caller.covers(source.id)),
        page,
      ),
    ),
    row(['GET', '/backups/:id'], admin, describeEndpoint, mine),
    row(['DELETE', '/backups/:id'], admin, removeEndpoint, (id, caller) => backups.remove(mine(id, caller).id)),
    row(['POST', '/backups/:id/create-index'], admin, restoreEndpoint, ({ id, ...asked }, caller) => {
      caller.require('admin', asked.name);
      return backups.restore(mine(id, caller).id, asked);
    }),
    row(['GET', '/restore-jobs'], admin, listRestoresEndpoint, (page, caller) =>
      cut(
        backups.restores().filter(({ target }) => caller.covers(target.id)),
        page,
      ),
    ),
    row(['GET', '/restore-jobs/:id'], admin, describeRestoreEndpoint, (id, caller) => {
      const job = backups.restoring(id);
      caller.require('admin', job.target.id);
      return job;
    }),
  ];
}
