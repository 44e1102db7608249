/** Virtual time. Planned events run in the order of their times; nothing waits for the machine's clock. */
export interface Scheduler {
  /** Virtual milliseconds since the start. Never goes back. */
  readonly now: number;
  /** Number of events so far. */
  readonly steps: number;
  after(ms: number, run: () => void): () => void;
  sleep(ms: number): Promise<void>;
  /**
   * Runs events until the promise settles.
   *
   * @throws when no event is planned, or too many have run
   */
  drive<Result>(work: Promise<Result>): Promise<Result>;
}

interface Event {
  readonly at: number;
  readonly order: number;
  run: (() => void) | null;
}

/** A run with more events than this counts as endless. */
const stepsMax = 400_000;

// Saved before anything is replaced. It lets the microtasks of one event finish before the next.
const realSetImmediate = globalThis.setImmediate;
const microtasksDone = (): Promise<void> => new Promise((resolve) => void realSetImmediate(resolve));

export class StuckError extends Error {
  override readonly name = 'StuckError';
}

export function createScheduler(): Scheduler {
  const heap: Event[] = [];
  let [now, order, steps] = [0, 0, 0];
  const after = (ms: number, run: () => void): (() => void) => {
    const event: Event = { at: now + Math.max(0, Number.isFinite(ms) ? ms : 0), order, run };
    order += 1;
    push(heap, event);
    return () => void (event.run = null);
  };
  return {
    get now() {
      return now;
    },
    get steps() {
      return steps;
    },
    after,
    sleep: (ms) => new Promise((resolve) => void after(ms, resolve)),
    async drive(work) {
      let settled = false;
      const watched = work.finally(() => (settled = true));
      watched.catch(() => undefined);
      await microtasksDone();
      while (!settled) {
        const event = pop(heap);
        if (event === undefined) throw new StuckError('nothing is planned and the work is not done: it waits for ever');
        if (event.run === null) continue;
        if ((steps += 1) > stepsMax) throw new StuckError(`not done after ${stepsMax} events`);
        now = event.at;
        event.run();
        await microtasksDone();
      }
      return watched;
    },
  };
}

const before = (a: Event, b: Event): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

function push(heap: Event[], event: Event): void {
  let at = heap.push(event) - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!before(event, heap[parent]!)) break;
    heap[at] = heap[parent]!;
    at = parent;
  }
  heap[at] = event;
}

function pop(heap: Event[]): Event | undefined {
  const first = heap[0];
  const last = heap.pop();
  if (first === undefined || last === undefined || heap.length === 0) return first;
  let at = 0;
  for (;;) {
    let child = at * 2 + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child += 1;
    if (!before(heap[child]!, last)) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = last;
  return first;
}
