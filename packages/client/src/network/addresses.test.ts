import { describe, expect, it } from 'vitest';
import { mayDial, rangeOf } from './addresses.ts';

describe('the range of an IP address', () => {
  it.each([
    ['127.0.0.1', 'loopback'],
    ['127.255.255.254', 'loopback'],
    ['::1', 'loopback'],
    ['10.1.2.3', '10/8'],
    ['172.16.0.1', '172.16/12'],
    ['172.31.255.255', '172.16/12'],
    ['172.32.0.1', 'public'],
    ['192.168.0.1', '192.168/16'],
    ['100.64.0.1', '100.64/10'],
    ['169.254.169.254', 'link'],
    ['fe80::1', 'link'],
    ['fd00::1', 'fc00::/7'],
    ['8.8.8.8', 'public'],
    ['2a00:1450::1', 'public'],
    ['0.0.0.0', null],
    ['::', null],
    ['224.0.0.1', null],
    ['255.255.255.255', null],
    ['::ffff:127.0.0.1', null],
    ['::ffff:7f00:1', null],
    ['::ffff:8.8.8.8', null],
    ['64:ff9b::7f00:1', null],
    ['2002:7f00:1::', null],
    ['ff02::1', null],
    ['localhost', null],
    ['127.1', null],
    ['', null],
  ])('%s is %s', (host, range) => expect(rangeOf(host)).toBe(range));
});

describe('an address named by a peer may be dialled', () => {
  const address = (host: string, port: number | string = 4001) => `/ip4/${host}/tcp/${port}/p2p/12D3KooWx`;
  it.each([
    ['when it is public, whoever tells it', address('8.8.8.8'), '1.1.1.1', true],
    ['also where the transport has no address', address('8.8.8.8'), undefined, true],
    ['in a private range that its teller is in', address('192.168.7.7'), '192.168.1.1', true],
    ['on this machine when told on this machine', address('127.0.0.1'), '127.0.0.1', true],
    ['but no loopback on the word of a stranger', address('127.0.0.1'), '8.8.8.8', false],
    ['nor of a neighbour', address('127.0.0.1'), '192.168.1.1', false],
    ['nor of nobody in particular', address('127.0.0.1'), undefined, false],
    ['no other private range', address('10.0.0.1'), '192.168.1.1', false],
    ['no cloud metadata', address('169.254.169.254', 80), '10.0.0.1', false],
    ['no unspecified address', address('0.0.0.0'), '0.0.0.0', false],
    ['no port 0', address('8.8.8.8', 0), '1.1.1.1', false],
    ['no port above the last', address('8.8.8.8', 65_536), '1.1.1.1', false],
    ['no name', '/dns4/example.org/tcp/1/p2p/12D3KooWx', '1.1.1.1', false],
    ['no address of the other family', '/ip6/8.8.8.8/tcp/1/p2p/12D3KooWx', '1.1.1.1', false],
    ['nothing after the peer', `${address('8.8.8.8')}/p2p-circuit`, '1.1.1.1', false],
    ['nothing without a peer', '/ip4/8.8.8.8/tcp/1', '1.1.1.1', false],
    ['no number', 7, '1.1.1.1', false],
  ])('%s', (_, told, teller, may) => expect(mayDial(told, teller)).toBe(may));

  it('only for the wanted peer', () => {
    expect(mayDial(address('8.8.8.8'), '1.1.1.1', '12D3KooWx')).toBe(true);
    expect(mayDial(address('8.8.8.8'), '1.1.1.1', '12D3KooWy')).toBe(false);
  });
});
