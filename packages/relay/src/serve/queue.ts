import {
  answersAtOnceMax,
  freeAtOnceMax,
  freeBesidePaidMax,
  freeRestFactor,
  freeWaitingMax,
  paidRecentMs,
  placeMsMax,
  retryPauseMs,
} from './limits.ts';
import { Refused, type Asker, type Queue } from './types.ts';

interface Job {
  start(): void;
}

/** The waiting questions of one rank. Peers take turns, so that many questions of one do not delay those of another. */
interface Line {
  readonly byPeer: Map<string, Job[]>;
  waiting: number;
}

/** How many run at once, how many of them may be free, and how long one holds its place. */
const QUESTIONS = { all: answersAtOnceMax, free: freeAtOnceMax, heldMs: placeMsMax };

/**
 * Orders the work of an index: the owner's questions first, then paid ones, then free ones. Within each rank peers take
 * turns. Few questions run at once, because a question handed to a worker can no longer be overtaken. Free questions
 * never take all places; while others pay, they take at most a tenth of the time.
 */
export function createQueue(now: () => number, places = QUESTIONS): Queue {
  const lines: Record<Asker['rank'], Line> = { own: emptyLine(), paid: emptyLine(), free: emptyLine() };
  const running = { all: 0, free: 0 };
  let paidAtMs = -Infinity;
  let resting: NodeJS.Timeout | null = null;

  const isPaid = (): boolean => Math.abs(now() - paidAtMs) < paidRecentMs;
  const freeMax = (): number => (resting !== null ? 0 : isPaid() ? freeBesidePaidMax : places.free);
  const next = (): { rank: Asker['rank']; job: Job } | null => {
    for (const rank of RANKS) {
      if (rank === 'free' && running.free >= freeMax()) continue;
      const job = takeTurn(lines[rank]);
      if (job !== null) return { rank, job };
    }
    return null;
  };
  const pump = (): void => {
    while (running.all < places.all) {
      const found = next();
      if (found === null) return;
      running.all += 1;
      if (found.rank === 'free') running.free += 1;
      found.job.start();
    }
  };
  const leave = (rank: Asker['rank'], tookMs: number): void => {
    running.all -= 1;
    if (rank === 'free') {
      running.free -= 1;
      if (isPaid()) rest(tookMs * freeRestFactor);
    }
    pump();
  };
  const rest = (ms: number): void => {
    if (resting !== null || ms < 1) return;
    resting = setTimeout(
      () => {
        resting = null;
        pump();
      },
      Math.min(ms, paidRecentMs),
    );
  };
  return {
    async run({ rank, peer }, work) {
      if (rank !== 'free') paidAtMs = now();
      if (rank === 'free' && lines.free.waiting >= freeWaitingMax)
        throw new Refused('OVERLOADED', `${freeWaitingMax} free questions wait already; ask again in a moment`, retryPauseMs);
      await new Promise<void>((start) => {
        join(lines[rank], peer, { start });
        pump();
      });
      let held = true;
      const beganMs = now();
      const giveBack = (): void => {
        if (held) leave(rank, now() - beganMs);
        held = false;
      };
      // An index that hangs or is being reopened must not block the others of this provider.
      const timer = setTimeout(giveBack, places.heldMs);
      try {
        return await work();
      } finally {
        clearTimeout(timer);
        giveBack();
      }
    },
  };
}

const RANKS = ['own', 'paid', 'free'] as const;

const emptyLine = (): Line => ({ byPeer: new Map(), waiting: 0 });

function join(line: Line, peer: string, job: Job): void {
  const jobs = line.byPeer.get(peer);
  if (jobs === undefined) line.byPeer.set(peer, [job]);
  else jobs.push(job);
  line.waiting += 1;
}

/** The first job of the peer whose turn it is. That peer then moves to the end of the line. */
function takeTurn(line: Line): Job | null {
  for (const [peer, jobs] of line.byPeer) {
    const job = jobs.shift();
    line.byPeer.delete(peer);
    if (jobs.length > 0) line.byPeer.set(peer, jobs);
    if (job === undefined) continue;
    line.waiting -= 1;
    return job;
  }
  return null;
}
