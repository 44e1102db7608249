// What every major version of the client does with indexes, in this order.
import { expect } from 'vitest';
import { recordsOf, type Driver, type Operation } from './_pinecone.ts';

const spec = { serverless: { cloud: 'aws', region: 'us-east-1' } };

/** Majors before 7 take the name and the change as separate arguments. */
const configure = ({ client, major }: Pick<Driver, 'client' | 'major'>, name: string, change: object) =>
  major >= 7 ? client['configureIndex']!({ name, ...change }) : client['configureIndex']!(name, change);

export const FIRST: readonly Operation[] = [
  {
    name: 'createIndex',
    since: 3,
    async run({ client, major }, { vectors }) {
      const tags = major >= 5 ? { tags: { team: 'rivers', stage: 'test' } } : {};
      const wished = { name: vectors, dimension: 3, metric: 'cosine', spec, waitUntilReady: true, ...tags };
      await client['createIndex']!(wished);
      await expect(client['createIndex']!(wished)).rejects.toMatchObject({ name: 'PineconeConflictError' });
      expect(await client['createIndex']!({ ...wished, suppressConflicts: true })).toBeUndefined();
    },
  },
  {
    name: 'describeIndex',
    since: 3,
    async run({ client, major, url }, { vectors }) {
      const index = (await client['describeIndex']!(vectors)) as Record<string, unknown>;
      expect(index).toMatchObject({
        name: vectors,
        host: expect.stringMatching(new RegExp(`^${url}/i/${vectors}@[0-9a-f]{32}$`)),
        status: { ready: true, state: 'Ready' },
        deletionProtection: 'disabled',
      });
      // Members that the last major computes are not enumerable.
      expect([index['dimension'], index['metric'], index['spec']]).toMatchObject([
        3,
        'cosine',
        { serverless: { cloud: 'aws', region: 'us-east-1' } },
      ]);
      if (major >= 5) expect(index['tags']).toEqual({ team: 'rivers', stage: 'test' });
      if (major >= 5) expect(index['vectorType']).toBe('dense');
      await expect(client['describeIndex']!('nothing-here')).rejects.toMatchObject({ name: 'PineconeNotFoundError' });
    },
  },
  {
    name: 'listIndexes',
    since: 3,
    async run({ client }, { vectors }) {
      const { indexes } = (await client['listIndexes']!()) as { indexes: { name: string }[] };
      expect(indexes.map(({ name }) => name)).toContain(vectors);
    },
  },
  {
    name: 'configureIndex: deletion protection',
    since: 3,
    async run({ client, major }, { vectors }) {
      await configure({ client, major }, vectors, { deletionProtection: 'enabled' });
      await expect(client['deleteIndex']!(vectors)).rejects.toMatchObject({
        message: expect.stringContaining('Deletion protection is enabled for this index'),
      });
      await configure({ client, major }, vectors, { deletionProtection: 'disabled' });
      expect(await client['describeIndex']!(vectors)).toMatchObject({ deletionProtection: 'disabled' });
    },
  },
  {
    name: 'configureIndex: tags',
    since: 5,
    async run({ client, major }, { vectors }) {
      await configure({ client, major }, vectors, { tags: { stage: '', owner: 'me' } });
      expect(await client['describeIndex']!(vectors)).toMatchObject({ tags: { team: 'rivers', owner: 'me' } });
      const { tags } = (await client['describeIndex']!(vectors)) as { tags: object };
      expect(tags).not.toHaveProperty('stage');
    },
  },
];

type Backup = { backupId: string; status: string; recordCount?: number };
type Restore = { restoreJobId: string; status: string; percentComplete?: number };

/** Calls until it says so; what it describes goes on after its reply. */
async function until<Found>(describe: () => Promise<unknown>, done: (found: Found) => boolean): Promise<Found> {
  for (;;) {
    const found = (await describe()) as Found;
    if (done(found)) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** What is in an index when this runs is in its backup. */
export const BACKUPS: readonly Operation[] = [
  {
    name: 'createBackup, describeBackup, listBackups',
    since: 6,
    async run({ client, index }, { vectors }) {
      await index(vectors).upsert([{ id: 'kept', values: [0.5, 0.25, 0], metadata: { kind: 'kept' } }]);
      const asked = { indexName: vectors, name: `of-${vectors}`, description: 'nightly' };
      const { backupId } = (await client['createBackup']!(asked)) as Backup;
      const ready = await until<Backup>(
        () => client['describeBackup']!(backupId),
        ({ status }) => status !== 'Initializing',
      );
      expect(ready).toMatchObject({ status: 'Ready', sourceIndexName: vectors, name: `of-${vectors}`, description: 'nightly' });
      expect(ready.recordCount).toBeGreaterThan(0);
      for (const options of [{ indexName: vectors }, {}]) {
        const { data } = (await client['listBackups']!(options)) as { data: Backup[] };
        expect(data.map((one) => one.backupId)).toContain(backupId);
      }
    },
  },
  {
    name: 'createIndexFromBackup, describeRestoreJob, listRestoreJobs, deleteBackup',
    since: 6,
    async run({ client, index }, { vectors }) {
      const { data } = (await client['listBackups']!({ indexName: vectors })) as { data: Backup[] };
      const [{ backupId }] = data as [Backup];
      await index(vectors).deleteOne('kept');
      const name = `${vectors}-again`;
      const { restoreJobId } = (await client['createIndexFromBackup']!({ backupId, name, tags: { from: 'backup' } })) as Restore;
      const job = await until<Restore>(
        () => client['describeRestoreJob']!(restoreJobId),
        ({ status }) => status !== 'InProgress',
      );
      expect(job).toMatchObject({ status: 'Completed', percentComplete: 100, backupId, targetIndexName: name });
      expect(recordsOf(await index(name).fetch(['kept']))).toEqual({
        kept: expect.objectContaining({ values: [0.5, 0.25, 0], metadata: { kind: 'kept' } }),
      });
      const { data: jobs } = (await client['listRestoreJobs']!()) as { data: Restore[] };
      expect(jobs.map((one) => one.restoreJobId)).toContain(restoreJobId);
      await client['deleteIndex']!(name);
      await client['deleteBackup']!(backupId);
      await expect(client['describeBackup']!(backupId)).rejects.toMatchObject({ name: 'PineconeNotFoundError' });
    },
  },
];

export const LAST: readonly Operation[] = [
  {
    name: 'deleteIndex',
    since: 3,
    async run({ client, major }, { vectors, texts }) {
      await client['deleteIndex']!(vectors);
      if (major >= 5) await client['deleteIndex']!(texts);
      await expect(client['describeIndex']!(vectors)).rejects.toMatchObject({ name: 'PineconeNotFoundError' });
      await expect(client['deleteIndex']!(vectors)).rejects.toMatchObject({ name: 'PineconeNotFoundError' });
    },
  },
];
