import { setTimeout as delay } from 'node:timers/promises';
import type { Interval } from '../relay/types.ts';
import { churn } from './churn.ts';
import type { Network, Sample, SoakSizes } from './types.ts';

/**
 * Keeps a fixed rate for so many minutes, with churn, and looks at all processes between its rounds.
 *
 * @param perSecond questions per second
 */
export async function soak(
  network: Network,
  sizes: SoakSizes,
  perSecond: number,
  progress: (line: string) => void,
): Promise<Sample[]> {
  const { load, target, total } = network;
  const samples: Sample[] = [];
  const started = performance.now();
  const elapsed = (): number => performance.now() - started;
  await load.call('begin', { ...target, perSecond });
  for (let round = 0; elapsed() < sizes.minutes * 60_000; round += 1) {
    await churn(network, sizes, round);
    await delay(Math.max(0, (round + 1) * sizes.sampleMs - elapsed()));
    const interval = await load.call('next', null);
    count(total, interval);
    samples.push({ atMs: elapsed(), interval, vitals: await vitalsOf(network) });
    progress(line(samples.at(-1)!));
  }
  count(total, await load.call('end', null));
  return samples;
}

function count(total: Network['total'], { answers, charged }: Interval): void {
  total.answers += answers;
  total.charged += charged;
}

async function vitalsOf({ provider, gateway, visitor }: Network): Promise<Sample['vitals']> {
  const [ofProvider, ofGateway, ofVisitor] = await Promise.all([
    provider.call('vitals', null),
    gateway.call('vitals', null),
    visitor.call('vitals', null),
  ]);
  return { provider: ofProvider, gateway: ofGateway, visitor: ofVisitor };
}

function line({ atMs, interval, vitals }: Sample): string {
  const each = Object.entries(vitals).map(
    ([name, { anonymous, handles }]) => `${name} ${Math.round(anonymous / 1e6)} MB ${handles} handles`,
  );
  const { answers, p50Ms, p99Ms, errors, waiting } = interval;
  const refused = Object.keys(errors).length === 0 ? '' : ` errors ${JSON.stringify(errors)}`;
  return `${Math.round(atMs / 1_000)} s: ${answers} answers, p50 ${p50Ms.toFixed(1)} p99 ${p99Ms.toFixed(1)} ms, ${waiting} waiting${refused}; ${each.join(', ')}`;
}
