import { threadId } from 'node:worker_threads';
import { serveTasks } from '../src/threads/serve-tasks.ts';

// Does what the task says: returns it, waits, throws, ends the worker, or says which worker this is.
await serveTasks<string, string>(async () => ({
  async run(task) {
    const [verb, value = ''] = task.split(' ');
    if (verb === 'wait') await new Promise((resolve) => setTimeout(resolve, Number(value)));
    if (verb === 'throw') throw new RangeError(value);
    if (verb === 'exit') process.exit(1);
    if (verb === 'pid') return `${process.pid} ${threadId}`;
    return task;
  },
}));
