import { describe, expect, it } from 'vitest';
import { whoLeaves, type Place } from './shares.ts';

const limits = { total: 6, perHost: 4, perPeer: 2 };
let turn = 0;
const place = (peer: string, host = '1.1.1.1', more: Partial<Place> = {}): Place => ({
  peer,
  host,
  outbound: false,
  usefulAt: (turn += 1),
  ...more,
});
const nobody = () => false;
const leaves = (open: Place[], valued: (peer: string) => boolean = nobody) => whoLeaves(open, open.at(-1)!, limits, valued);
const many = (count: number, host: string, name = host) => Array.from({ length: count }, (_, at) => place(`${name}-${at}`, host));

describe('the newest connection takes', () => {
  it('a free place while there is one', () => {
    expect(leaves(many(4, '1.1.1.1'))).toBeNull();
    expect(leaves([...many(3, '1.1.1.1'), ...many(3, '2.2.2.2')])).toBeNull();
  });

  it('the place of the same peer when it has too many, and no other', () => {
    const open = [place('a'), place('b'), place('b'), place('b')];
    expect(leaves(open)).toBe(open[1]);
  });

  it('the place of the least useful stranger of its host when that host has too many', () => {
    const open = [place('useful', '1.1.1.1', { usefulAt: 1e6 }), ...many(4, '1.1.1.1')];
    expect(leaves(open)).toBe(open[1]);
  });

  it('the place of a stranger of the most crowded host when the node is full: an honest newcomer gets in', () => {
    const crowd = many(4, '6.6.6.6');
    const open = [place('old', '2.2.2.2', { usefulAt: -1 }), place('other', '3.3.3.3'), ...crowd, place('new', '4.4.4.4')];
    expect(leaves(open)).toBe(crowd[0]);
  });

  it('never the place of a peer that pays or was dialled', () => {
    const open = [
      place('payer', '1.1.1.1', { usefulAt: -2 }),
      place('wanted', '1.1.1.1', { usefulAt: -1, outbound: true }),
      ...many(4, '1.1.1.1'),
      place('new', '1.1.1.1'),
    ];
    expect(leaves(open, (peer) => peer === 'payer')).toBe(open[2]);
  });

  it('no place when only such peers are connected; it leaves itself', () => {
    const open = [...Array.from({ length: 6 }, (_, at) => place(`payer-${at}`, `1.1.1.${at}`)), place('new', '9.9.9.9')];
    expect(leaves(open, (peer) => peer !== 'new')).toBe(open.at(-1));
  });

  it('the least useful place of all when every peer pays, itself included', () => {
    const open = Array.from({ length: 7 }, (_, at) => place(`payer-${at}`, `1.1.1.${at}`));
    expect(leaves(open, () => true)).toBe(open[0]);
  });
});
