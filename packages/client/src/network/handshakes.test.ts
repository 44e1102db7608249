import { expect, it } from 'vitest';
import { nodeHandshakePauseMs } from './limits.ts';
import { manualClock } from '../testing/link-peers.ts';
import { createHandshakes, type HandshakeLimits } from './handshakes.ts';

function handshakesOf(limits: HandshakeLimits) {
  const time = { now: 0, busy: false };
  const { clock, advance } = manualClock();
  const handshakes = createHandshakes(
    limits,
    () => time.now,
    clock,
    () => time.busy,
  );
  const passes = (host: string): boolean => {
    const handshake = handshakes.ask(host);
    handshake?.ended();
    return handshake !== null;
  };
  return { handshakes, time, advance, passes };
}

it('lets each host begin some handshakes at once and then a few per second', () => {
  const { time, passes } = handshakesOf({ perSecond: 2, pending: 3 });
  expect([1, 2, 3, 4].map(() => passes('6.6.6.6'))).toEqual([true, true, true, false]);
  expect(passes('1.1.1.1')).toBe(true);
  time.now = 1_000;
  expect([1, 2, 3].map(() => passes('6.6.6.6'))).toEqual([true, true, false]);
  time.now = 60_000;
  expect([1, 2, 3, 4].map(() => passes('6.6.6.6'))).toEqual([true, true, true, false]);
});

it('bounds the handshakes of one host that are at work', () => {
  const { handshakes, time, passes } = handshakesOf({ perSecond: 100, pending: 2 });
  const first = handshakes.ask('6.6.6.6');
  handshakes.ask('6.6.6.6');
  time.now = 1_000;
  expect(passes('6.6.6.6')).toBe(false);
  first?.ended();
  first?.ended();
  time.now = 2_000;
  expect([1, 2].map(() => handshakes.ask('6.6.6.6') !== null)).toEqual([true, false]);
});

it('begins one handshake at a time, hosts in turn, so that a newcomer does not wait behind a crowd', async () => {
  const { handshakes, advance } = handshakesOf({ perSecond: 100, pending: 50 });
  const begun: string[] = [];
  const ask = (host: string, name = host) => {
    const handshake = handshakes.ask(host)!;
    void handshake.turn.then(() => begun.push(name));
    return handshake;
  };
  const crowd = Array.from({ length: 20 }, (_, at) => ask('6.6.6.6', `crowd ${at}`));
  ask('1.1.1.1', 'honest');
  await advance(0);
  expect(begun).toEqual(['crowd 0']);
  crowd[1]!.ended(); // it hung up, so its turn is skipped
  await advance(nodeHandshakePauseMs);
  await advance(nodeHandshakePauseMs);
  expect(begun).toEqual(['crowd 0', 'crowd 2', 'honest']);
  for (let turn = 0; turn < 20; turn += 1) await advance(nodeHandshakePauseMs);
  expect(begun).toHaveLength(20);
  ask('1.1.1.1', 'later');
  await advance(0);
  expect(begun.at(-1)).toBe('later');
});
