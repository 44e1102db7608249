// Loaded into every thread first. On request it lists the files with a function called since the last request.
import { Session } from 'node:inspector';
import { BroadcastChannel } from 'node:worker_threads';

const session = new Session();
session.connect();
session.post('Profiler.enable');
session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });

const channel = new BroadcastChannel('count-calls');
channel.onmessage = ({ data }) => {
  if (data !== 'take') return;
  session.post('Profiler.takePreciseCoverage', (error, taken) => {
    if (error) throw new Error(error.message);
    const called = ({ functions }) => functions.some(({ ranges }) => ranges[0].count > 0);
    channel.postMessage(taken.result.filter(called).map(({ url }) => url));
  });
};
channel.unref();
