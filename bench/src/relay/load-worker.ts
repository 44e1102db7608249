import '@tributary/runtime/node-gc';
import { vectorToBase64url } from '@tributary/proof/primitives';
import { serveRemote } from '../processes.ts';
import { startArrivals } from './arrivals.ts';
import { openAsker } from './asker.ts';
import { makeData } from './data.ts';
import { load } from './load.ts';
import type { DataSizes, Interval, LoadCalls } from './types.ts';

/** Places of an open loop: more questions than these wait here, and their time counts. */
const CONNECTIONS = 32;

/** Asks a gateway over HTTP: so many questions in flight, or at a fixed rate. */
await serveRemote<DataSizes, LoadCalls>(async (start) => {
  const { queries, freshQuery } = makeData(start);
  const vectors = queries.map(vectorToBase64url);
  const again = (turn: number): string => vectors[turn % vectors.length]!;
  let asked = 0;
  const anew = (): string => vectorToBase64url(freshQuery((asked += 1)));
  let arrivals: ReturnType<typeof startArrivals> | null = null;
  let stop = (): Promise<Interval> => Promise.reject(new Error('nothing was begun'));
  return {
    ready: null,
    calls: {
      load: ({ inFlight, milliseconds, fresh, ...target }) =>
        using(openAsker(target, fresh ? anew : again, inFlight), ({ ask }) => load({ inFlight, milliseconds }, ask)),
      once: ({ turn, ...target }) => using(openAsker(target, again, 1), ({ ask }) => ask(turn)),
      begin({ perSecond, ...target }) {
        const asker = openAsker(target, again, CONNECTIONS);
        const begun = startArrivals(perSecond, asker.ask);
        arrivals = begun;
        stop = () => using(asker, () => begun.stop());
        return null;
      },
      next: () => arrivals!.next(),
      end: () => stop(),
    },
    close: () => Promise.resolve(),
  };
});

type Asker = ReturnType<typeof openAsker>;

async function using<T>(asker: Asker, work: (asker: Asker) => Promise<T>): Promise<T> {
  try {
    return await work(asker);
  } finally {
    await asker.close();
  }
}
