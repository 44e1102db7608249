import { closeWaitMs, workerMemoryPollMs } from '../limits.ts';
import type { OpenPlace, Place } from './place.ts';
import type { PoolReply, PoolRequest } from './serve-tasks.ts';
import { fromWire } from './wire-error.ts';

/** Why a task was not completed. */
export type PoolFault =
  | { kind: 'busy' | 'closed' }
  /** The task itself threw this. */
  | { kind: 'task'; cause: Error }
  /** The worker could not start. */
  | { kind: 'start'; cause: Error }
  /** The worker ended before the task was done. */
  | { kind: 'died'; cause: Error }
  /** The start of the worker, or the task, exceeded this time. */
  | { kind: 'time'; ms: number }
  | { kind: 'memory'; bytes: number };

export interface PoolOptions<Task> {
  /** A module that calls `serveTasks`. */
  readonly worker: URL;
  /** Where workers run: `threads` or `processes`. */
  readonly place: OpenPlace;
  readonly workersMax: number;
  /** Most tasks that wait for a worker. */
  readonly waitingMax: number;
  /**
   * Tasks that a worker holds at once: the one in progress, and those that it continues with without waiting for this
   * thread.
   */
  readonly tasksPerWorker?: number;
  readonly startMsMax: number;
  readonly taskMsMax?: number;
  /** A worker without a task for so long is ended, and one is started for the next task. Default: it stays. */
  readonly idleMs?: number | undefined;
  /** Most memory of a thread outside its JavaScript heap, which `resourceLimits` does not count. */
  readonly externalBytesMax?: number;
  /** False: a task in progress runs to its end. A thread that is ended while native code runs would end the process. */
  readonly interruptible: boolean;
  /** The error that the caller of a task gets. */
  error(fault: PoolFault, task: Task | null): Error;
}

/**
 * Workers that process one task at a time each. A worker that dies fails its tasks and is replaced when the next task
 * needs one.
 */
export interface Pool<Task, Result> {
  /**
   * The signal cancels a waiting task. A task in progress is ended with its worker if the pool is `interruptible`;
   * otherwise it runs to its end.
   *
   * @throws the result of `error` for a fault; the signal's reason
   */
  run(task: Task, options?: { urgent?: boolean; signal?: AbortSignal | undefined }): Promise<Result>;
  /** Starts a worker and waits until it is ready. */
  start(): Promise<void>;
  /** Resolves when all workers have ended. */
  close(): Promise<void>;
}

interface Job<Task, Result> {
  readonly task: Task;
  resolve(result: Result): void;
  reject(error: unknown): void;
}

interface Member<Task, Result> {
  readonly place: Place;
  readonly jobs: Job<Task, Result>[];
  readonly ready: PromiseWithResolvers<void>;
  readonly ended: PromiseWithResolvers<void>;
  started: boolean;
  /** Set when the worker was stopped: makes the error for a task that it holds. */
  stopped?: (task: Task | null) => unknown;
  /** Ends the watch over its start, its present task, or its idleness. */
  unwatch(): void;
}

interface State<Task, Result> {
  readonly options: PoolOptions<Task>;
  readonly members: Set<Member<Task, Result>>;
  readonly urgent: Job<Task, Result>[];
  readonly others: Job<Task, Result>[];
  closed: boolean;
}

/** A pool without workers. They are started when tasks wait for them. */
export function createPool<Task, Result>(options: PoolOptions<Task>): Pool<Task, Result> {
  const state: State<Task, Result> = { options, members: new Set(), urgent: [], others: [], closed: false };
  return {
    run(task, { urgent = false, signal } = {}) {
      if (state.closed) return Promise.reject(options.error({ kind: 'closed' }, task));
      if (signal?.aborted === true) return Promise.reject(signal.reason as Error);
      if (waiting(state) >= options.waitingMax) return Promise.reject(options.error({ kind: 'busy' }, task));
      const { promise, resolve, reject } = Promise.withResolvers<Result>();
      const job: Job<Task, Result> = { task, resolve, reject };
      (urgent ? state.urgent : state.others).push(job);
      assign(state);
      if (signal === undefined) return promise;
      const onAbort = (): void => cancel(state, job, signal.reason);
      signal.addEventListener('abort', onAbort);
      return promise.finally(() => signal.removeEventListener('abort', onAbort));
    },
    start: () => addMember(state).ready.promise,
    async close() {
      state.closed = true;
      const { members, urgent, others } = state;
      for (const job of [...urgent.splice(0), ...others.splice(0)]) job.reject(options.error({ kind: 'closed' }, job.task));
      for (const member of members) {
        const now = options.interruptible || (member.place.apart && member.jobs.length === 0);
        if (now) stop(member, (task) => options.error({ kind: 'closed' }, task));
        else post(member, { type: 'close' });
      }
      // A worker that has not ended by then hangs.
      const timer = setTimeout(() => members.forEach(({ place }) => place.end()), closeWaitMs);
      await Promise.all([...members].map(({ ended }) => ended.promise));
      clearTimeout(timer);
    },
  };
}

const waiting = <Task, Result>({ urgent, others }: State<Task, Result>): number => urgent.length + others.length;

const post = <Task, Result>({ place }: Member<Task, Result>, request: PoolRequest<Task>): void => place.post(request);

/** Finds a worker for waiting tasks. A new worker is preferred to a place behind another task. */
function assign<Task, Result>(state: State<Task, Result>): void {
  const [least] = [...state.members].filter(isOpen).sort((a, b) => a.jobs.length - b.jobs.length);
  if (least?.jobs.length !== 0) grow(state);
  if (least && (least.jobs.length === 0 || state.members.size >= state.options.workersMax)) fill(state, least);
}

const isOpen = <Task, Result>({ started, stopped }: Member<Task, Result>): boolean => started && stopped === undefined;

/** Starts a worker for tasks that neither a present worker nor one that is starting will take. */
function grow<Task, Result>(state: State<Task, Result>): void {
  const { closed, members, options } = state;
  const starting = [...members].filter(({ started, stopped }) => !started && stopped === undefined).length;
  const taken = starting * (options.tasksPerWorker ?? 1);
  if (!closed && waiting(state) > taken && members.size < options.workersMax) addMember(state);
}

function fill<Task, Result>(state: State<Task, Result>, member: Member<Task, Result>): void {
  while (isOpen(member) && member.jobs.length < (state.options.tasksPerWorker ?? 1)) {
    const job = state.urgent.shift() ?? state.others.shift();
    if (job === undefined) return;
    member.jobs.push(job);
    post(member, { type: 'task', task: job.task });
    if (member.jobs.length === 1) watch(state, member);
  }
}

/** Ends a worker that gets no task for long enough. */
function watchIdle<Task, Result>({ options }: State<Task, Result>, member: Member<Task, Result>): void {
  const { idleMs, error } = options;
  if (idleMs === undefined || !isOpen(member) || member.jobs.length > 0) return;
  const timer = setTimeout(() => stop(member, (task) => error({ kind: 'closed' }, task)), idleMs).unref();
  member.unwatch = () => clearTimeout(timer);
}

function cancel<Task, Result>(state: State<Task, Result>, job: Job<Task, Result>, reason: unknown): void {
  const queue = state.urgent.includes(job) ? state.urgent : state.others;
  const at = queue.indexOf(job);
  if (at >= 0) {
    queue.splice(at, 1);
    job.reject(reason);
  } else if (state.options.interruptible) {
    const member = [...state.members].find(({ jobs }) => jobs.includes(job));
    if (member !== undefined) stop(member, () => reason);
  }
}

function addMember<Task, Result>(state: State<Task, Result>): Member<Task, Result> {
  const { worker, place, startMsMax, error } = state.options;
  let cause = new Error('its worker ended');
  const opened = place(worker, {
    onMessage: (reply) => onReply(state, member, reply as PoolReply<Result>),
    onError: (failure) => (cause = failure),
    onExit: () => onExit(state, member, cause),
  });
  const timer = setTimeout(() => stop(member, (task) => error({ kind: 'time', ms: startMsMax }, task)), startMsMax);
  const member: Member<Task, Result> = {
    place: opened,
    jobs: [],
    ready: Promise.withResolvers<void>(),
    ended: Promise.withResolvers<void>(),
    started: false,
    unwatch: () => clearTimeout(timer),
  };
  // The caller that started it may not await it.
  member.ready.promise.catch(() => undefined);
  state.members.add(member);
  return member;
}

function onReply<Task, Result>(state: State<Task, Result>, member: Member<Task, Result>, reply: PoolReply<Result>): void {
  // Messages after the stop are ignored.
  if (member.stopped !== undefined) return;
  const { error } = state.options;
  if (reply.type === 'failed') {
    const cause = fromWire(reply.error);
    return stop(member, (task) => error({ kind: 'start', cause }, task));
  }
  member.unwatch();
  if (reply.type === 'ready') {
    member.started = true;
    member.ready.resolve();
  } else {
    const job = member.jobs.shift();
    if (reply.type === 'done') job?.resolve(reply.result);
    else if (reply.type === 'dropped') job?.reject(error({ kind: 'closed' }, job.task));
    else job?.reject(error({ kind: 'task', cause: fromWire(reply.error) }, job.task));
    if (member.jobs.length > 0) watch(state, member);
  }
  fill(state, member);
  watchIdle(state, member);
}

function onExit<Task, Result>(state: State<Task, Result>, member: Member<Task, Result>, cause: Error): void {
  member.unwatch();
  state.members.delete(member);
  const fault: PoolFault = state.closed ? { kind: 'closed' } : { kind: member.started ? 'died' : 'start', cause };
  const errorFor = member.stopped ?? ((task: Task | null) => state.options.error(fault, task));
  for (const job of member.jobs) job.reject(errorFor(job.task));
  member.ready.reject(errorFor(null));
  // A worker that could not even start fails the task it was started for, unless other workers can do it.
  if (!member.started && state.members.size === 0) {
    const job = state.urgent.shift() ?? state.others.shift();
    job?.reject(errorFor(job.task));
  }
  grow(state);
  member.ended.resolve();
}

/** Ends a worker that cannot be used any more. Its place is free once it has ended. */
function stop<Task, Result>(member: Member<Task, Result>, errorFor: (task: Task | null) => unknown): void {
  member.stopped ??= errorFor;
  member.unwatch();
  member.place.end();
}

/** Watches time and memory of a worker's present task. */
function watch<Task, Result>({ options }: State<Task, Result>, member: Member<Task, Result>): void {
  const { taskMsMax, externalBytesMax, error } = options;
  member.unwatch();
  const [job] = member.jobs;
  const fail = (fault: PoolFault): void => {
    // The memory arrives a little later; the task may be done by then.
    if (member.jobs[0] === job) stop(member, (task) => error(fault, task));
  };
  const timer = taskMsMax === undefined ? undefined : setTimeout(() => fail({ kind: 'time', ms: taskMsMax }), taskMsMax);
  const poll = externalBytesMax === undefined ? undefined : pollMemory(member.place, externalBytesMax, fail);
  member.unwatch = () => {
    clearTimeout(timer);
    clearInterval(poll);
  };
}

function pollMemory(place: Place, bytes: number, fail: (fault: PoolFault) => void): NodeJS.Timeout {
  let asking = false;
  const poll = setInterval(() => {
    if (asking) return;
    asking = true;
    place.externalBytes().then(
      (held) => {
        asking = false;
        if (held > bytes) fail({ kind: 'memory', bytes });
      },
      // The worker has ended. Its exit is handled elsewhere.
      () => clearInterval(poll),
    );
  }, workerMemoryPollMs);
  return poll;
}
