// A process with a pool, which its test kills. Tells the process of its worker.
import { processes } from '../src/threads/place.ts';
import { createPool } from '../src/threads/pool.ts';

const pool = createPool<string, string>({
  worker: new URL('./_pool-worker.ts', import.meta.url),
  place: processes(null),
  workersMax: 1,
  waitingMax: 1,
  startMsMax: 30_000,
  interruptible: false,
  error: ({ kind }) => new Error(kind),
});
process.send!((await pool.run('pid')).split(' ')[0]);
void pool.run('wait 60000');
