import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { processes, threads } from '../src/threads/place.ts';
import { createPool, type Pool, type PoolFault, type PoolOptions } from '../src/threads/pool.ts';

class FaultError extends Error {
  readonly fault: PoolFault;
  readonly task: string | null;
  constructor(fault: PoolFault, task: string | null) {
    super(fault.kind);
    this.fault = fault;
    this.task = task;
  }
}

function poolWith(options: Partial<PoolOptions<string>> = {}): Pool<string, string> {
  const pool = createPool<string, string>({
    worker: new URL('./_pool-worker.ts', import.meta.url),
    place: threads(),
    workersMax: 1,
    waitingMax: 3,
    startMsMax: 30_000,
    interruptible: true,
    error: (fault, task) => new FaultError(fault, task),
    ...options,
  });
  onTestFinished(() => pool.close());
  return pool;
}

const PLACES = [
  ['threads', threads()],
  ['processes', processes(null)],
] as const;

describe.each(PLACES)('a pool of workers in %s', (_, place) => {
  const poolHere = (options: Partial<PoolOptions<string>> = {}) => poolWith({ place, ...options });

  it('does urgent tasks first, the others in their order', async () => {
    const pool = poolHere({ waitingMax: 9 });
    await pool.start();
    const done: string[] = [];
    const run = (task: string, urgent: boolean) => pool.run(task, { urgent }).then((result) => done.push(result));
    await Promise.all([run('a', false), run('b', false), run('c', false), run('d', true)]);
    expect(done).toEqual(['a', 'd', 'b', 'c']);
  });

  it('passes on what a task throws, and continues', async () => {
    const pool = poolHere();
    await expect(pool.run('throw far')).rejects.toMatchObject({ message: 'task', fault: { cause: new RangeError('far') } });
    expect(await pool.run('a')).toBe('a');
  });

  it.each([true, false])(
    'fails the task of a worker that dies, and replaces the worker (interruptible: %s)',
    async (interruptible) => {
      const pool = poolHere({ interruptible });
      const [died, next] = await Promise.allSettled([pool.run('exit'), pool.run('a')]);
      expect(died).toMatchObject({ status: 'rejected', reason: { message: 'died', task: 'exit' } });
      expect(next).toEqual({ status: 'fulfilled', value: 'a' });
    },
  );

  it('fails one task for each worker that cannot start', async () => {
    const pool = poolHere({ worker: new URL('./missing.ts', import.meta.url) });
    await expect(pool.start()).rejects.toMatchObject({ message: 'start' });
    const outcomes = await Promise.allSettled([pool.run('a'), pool.run('b')]);
    expect(outcomes.map((outcome) => outcome.status === 'rejected' && (outcome.reason as FaultError).task)).toEqual(['a', 'b']);
  });

  it('gives up a task that takes too long, and one of a worker that does not start in time', async () => {
    const pool = poolHere({ taskMsMax: 300 });
    await expect(pool.run('wait 60000')).rejects.toMatchObject({ fault: { kind: 'time', ms: 300 } });
    expect(await pool.run('a')).toBe('a');
    await expect(poolHere({ startMsMax: 1 }).run('a')).rejects.toMatchObject({ fault: { kind: 'time', ms: 1 }, task: 'a' });
  });

  it("refuses tasks beyond the queue's limit", async () => {
    const pool = poolHere();
    await pool.start();
    const running = Array.from({ length: 4 }, (_, at) => pool.run(`wait ${at}`));
    await expect(pool.run('a')).rejects.toMatchObject({ message: 'busy' });
    expect(await Promise.all(running)).toHaveLength(4);
  });

  it('cancels a waiting task; a running one only with its worker', async () => {
    const reason = new Error('enough');
    const pool = poolHere({ interruptible: false });
    await pool.start();
    const [running, waiting] = [AbortSignal.abort(reason), new AbortController()];
    await expect(pool.run('a', { signal: running })).rejects.toBe(reason);
    const first = pool.run('wait 100', { signal: waiting.signal });
    const second = pool.run('b', { signal: waiting.signal });
    waiting.abort(reason);
    await expect(second).rejects.toBe(reason);
    expect(await first).toBe('wait 100');
  });

  it.each([true, false])(
    'ends its workers when closed and fails what they have left (interruptible: %s)',
    async (interruptible) => {
      const pool = poolHere({ interruptible, tasksPerWorker: 2 });
      await pool.start();
      const outcomes = Promise.allSettled([pool.run('wait 200'), pool.run('b'), pool.run('c')]);
      await pool.close();
      const closed = { status: 'rejected', reason: expect.objectContaining({ message: 'closed' }) };
      expect(await outcomes).toEqual([interruptible ? closed : { status: 'fulfilled', value: 'wait 200' }, closed, closed]);
      await expect(pool.run('a')).rejects.toMatchObject({ message: 'closed' });
    },
  );

  it('starts no second worker for tasks that the first one, which is starting, will take', async () => {
    const pool = poolHere({ workersMax: 2, tasksPerWorker: 2, waitingMax: 9 });
    const [first, second] = await Promise.all([pool.run('pid'), pool.run('pid')]);
    expect(second).toBe(first);
  });

  it('ends a worker that has had no task for long enough, and starts one for the next task', async () => {
    const pool = poolHere({ idleMs: 300 });
    const first = await pool.run('pid');
    expect(await pool.run('pid')).toBe(first);
    // Longer than idleMs: a worker with a task is not idle.
    expect(await pool.run('wait 600')).toBe('wait 600');
    expect(await pool.run('pid')).toBe(first);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const [second, third] = await Promise.all([pool.run('pid'), pool.run('pid')]);
    expect(second).not.toBe(first);
    expect(third).toBe(second);
  });
});

it('a worker in a process of its own ends with the process of the pool', async () => {
  const owner = fork(fileURLToPath(new URL('./_pool-owner.ts', import.meta.url)), [], { execArgv: [] });
  const pid = await new Promise<number>((resolve) => owner.once('message', (message) => resolve(Number(message))));
  expect(isAlive(pid)).toBe(true);
  owner.kill('SIGKILL');
  await expect.poll(() => isAlive(pid), { timeout: 20_000 }).toBe(false);
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
