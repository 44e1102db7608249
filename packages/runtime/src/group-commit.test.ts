import { TributaryError } from '@tributary/schemas';
import { describe, expect, it } from 'vitest';
import { createGroupCommit } from './group-commit.ts';

interface Log {
  groups: number[][];
  fail: Set<number>;
  recoverFails: number;
  recovered: number;
}

function setUp(log: Log, groupMax = 8, waitingMax = 100, weights: { groupWeightMax?: number } = {}) {
  let release: (() => void)[] = [];
  const commits = createGroupCommit<number[]>({
    begin: () => [],
    async write(draft) {
      await new Promise<void>((resolve) => release.push(resolve));
      log.groups.push(draft);
      if (log.fail.has(log.groups.length)) throw new Error('disk');
    },
    recover() {
      if (log.recoverFails > 0) {
        log.recoverFails -= 1;
        return Promise.reject(new Error('still broken'));
      }
      log.recovered += 1;
      return Promise.resolve();
    },
    turn: () => Promise.resolve(),
    groupMax,
    ...weights,
    waitingMax,
    overloaded: () => new TributaryError('OVERLOADED', 'too many'),
    failed: (cause) => new TributaryError('LEDGER_WRITE', 'disk', { cause }),
  });
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
  return {
    commits,
    add: (value: number, weight?: number) => commits.submit((draft) => draft.push(value), weight),
    async flush() {
      for (await turn(); release.length > 0; await turn()) {
        const now = release;
        release = [];
        for (const go of now) go();
      }
    },
  };
}
const newLog = (): Log => ({ groups: [], fail: new Set(), recoverFails: 0, recovered: 0 });

describe('group commit', () => {
  it('writes what arrived during one write together in the next, in order, and no more than groupMax', async () => {
    const log = newLog();
    const { add, flush } = setUp(log, 3);
    const first = [add(1), add(2)];
    await Promise.resolve();
    await Promise.resolve();
    const rest = [3, 4, 5, 6].map((value) => add(value));
    await flush();
    await Promise.all([...first, ...rest]);
    expect(log.groups).toEqual([[1, 2], [3, 4, 5], [6]]);
  });

  it('fails only the submission whose preparation throws', async () => {
    const log = newLog();
    const { add, commits, flush } = setUp(log);
    const bad = commits.submit(() => {
      throw new RangeError('no');
    });
    const good = add(1);
    await Promise.all([expect(bad).rejects.toThrow(RangeError), flush()]);
    await good;
    expect(log).toMatchObject({ groups: [[1]], recovered: 0 });
  });

  it('fails the whole group of a failed write, reads the state again, then continues with the next', async () => {
    const log = { ...newLog(), fail: new Set([1]) };
    const { add, commits, flush } = setUp(log);
    const failing = [add(1), add(2)];
    const seen = failing[0]!.catch(() => commits.healthy);
    await Promise.resolve();
    await Promise.resolve();
    const behind = add(3);
    const settled = Promise.allSettled(failing);
    await flush();
    expect((await settled).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(failing[0]).rejects.toMatchObject({ code: 'LEDGER_WRITE' });
    expect(await seen).toBe(false);
    await behind;
    expect(log).toMatchObject({ groups: [[1, 2], [3]], recovered: 1 });
    expect(commits.healthy).toBe(true);
  });

  it('refuses while it cannot recover, and recovers when it can', async () => {
    const log = { ...newLog(), fail: new Set([1]), recoverFails: 2 };
    const { add, commits, flush } = setUp(log);
    const failing = expect(add(1)).rejects.toMatchObject({ code: 'LEDGER_WRITE' });
    await flush();
    await failing;
    await expect(add(2)).rejects.toThrow('still broken');
    const last = add(3);
    await flush();
    await last;
    expect(log.groups).toEqual([[1], [3]]);
    expect(commits.healthy).toBe(true);
  });

  it('limits what waits', async () => {
    const log = newLog();
    const { add, flush } = setUp(log, 1, 2);
    const accepted = [add(1), add(2)];
    await expect(add(3)).rejects.toMatchObject({ code: 'OVERLOADED' });
    await flush();
    await Promise.all(accepted);
    expect(log.groups).toEqual([[1], [2]]);
  });

  it('limits the weight of a group, but accepts a heavier change alone', async () => {
    const log = newLog();
    const { add, flush } = setUp(log, 8, 100, { groupWeightMax: 5 });
    const all = [add(1, 2), add(2, 3), add(3, 9), add(4, 5)];
    await flush();
    await Promise.all(all);
    expect(log.groups).toEqual([[1, 2], [3], [4]]);
  });

  it('waits for asynchronous preparation, in order', async () => {
    const log = newLog();
    const { add, commits, flush } = setUp(log);
    const slow = commits.submit(async (draft) => {
      await Promise.resolve();
      draft.push(1);
      return 'done';
    });
    const refused = commits.submit(() => Promise.reject(new RangeError('no')));
    const after = add(2);
    await Promise.all([expect(refused).rejects.toThrow(RangeError), flush()]);
    expect(await slow).toBe('done');
    expect(await after).toBe(2);
    expect(log.groups).toEqual([[1, 2]]);
  });
});
