import { ClientError, type Link, type LinkHandlers, type Node } from '@tributary/client';
import { createLink, createOpenLinks, peerIdIn } from '@tributary/client/testing';
import type { Faults } from './faults.ts';
import type { Life } from './life.ts';
import type { Scheduler } from './scheduler.ts';
import { createWire, type Wire } from './stream.ts';

/** A process that others can reach. */
interface Host {
  readonly name: string;
  readonly peerId: string;
  readonly life: Life;
  readonly ip: string;
  accept(stream: Wire['ends'][0], from: { peer: string; ip: string }): void;
}

export interface Network {
  /** Puts a process on the network. It replaces an earlier one of that machine. */
  host(machine: { name: string; peerId: string; address: string }, life: Life, handlers: LinkHandlers): SimNode;
  /** Breaks the connections of a machine: all, or those with another. */
  drop(name: string, other?: string): void;
}

/** Stands in for the libp2p node: one link per pair of peers, with shared dials. */
export type SimNode = Omit<Node, 'stats'> & { dropLinks(): void };

const dialTimeoutMs = 15_000;

export function createNetwork(scheduler: Scheduler, faults: Faults): Network {
  const hosts = new Map<string, Host>();
  const wires = new Map<Wire, [string, string]>();
  const connect = async (from: Host, target: string): Promise<{ stream: Wire['ends'][0]; ip: string }> => {
    const peer = peerIdIn(target) ?? target;
    const to = hosts.get(peer);
    await from.life.alive(scheduler.sleep(1 + faults.latency(from.name, to?.name ?? target) * 2));
    if (to === undefined || to.life.dead || faults.refuses(from.name, to.name))
      throw new ClientError('LINK_CLOSED', `cannot reach ${target}: connection refused`);
    const wire = createWire(
      scheduler,
      [from.life, to.life],
      [() => faults.transit(from.name, to.name), () => faults.transit(to.name, from.name)],
    );
    wires.set(wire, [from.name, to.name]);
    to.accept(wire.ends[1], { peer: from.peerId, ip: from.ip });
    return { stream: wire.ends[0], ip: to.ip };
  };
  return {
    host({ name, peerId, address }, life, handlers) {
      const node = createSimNode({ peerId, address, handlers, life, open: (target) => connect(host, target) });
      const host: Host = { name, peerId, life, ip: ipIn(address), accept: node.accept };
      hosts.set(peerId, host);
      return node;
    },
    drop(name, other) {
      for (const [wire, names] of wires) {
        if (!names.includes(name) || (other !== undefined && !names.includes(other))) continue;
        wires.delete(wire);
        wire.cut([faults.noticeMs(names[0]), faults.noticeMs(names[1])]);
      }
    },
  };
}

interface NodeParts {
  readonly peerId: string;
  readonly address: string;
  readonly handlers: LinkHandlers;
  readonly life: Life;
  open(target: string): Promise<{ stream: Wire['ends'][0]; ip: string }>;
}

/** Keeps links as `packages/client/src/network/libp2p-node.ts` does. */
function createSimNode({ peerId, address, handlers, life, open }: NodeParts) {
  const links = createOpenLinks();
  const dials = new Map<string, Promise<Link>>();
  const met = new Set<string>();
  let onLink: (link: Link, peer: string) => void = () => undefined;
  const runLink = async (stream: Wire['ends'][0], peer: string, ip: string): Promise<Link> => {
    const link = createLink(stream, { handlers, peer, host: ip });
    links.add(link);
    await link.ready;
    onLink(link, peer);
    return link;
  };
  const dropLinks = (): void => {
    for (const link of links.all()) link.close('the node is closing');
  };
  const dialNew = async (target: string, peer: string): Promise<Link> => {
    // A peer id alone can be dialled only if its address is known from an earlier dial.
    if (target === peer && !met.has(peer)) throw new ClientError('LINK_CLOSED', `no address of ${peer} is known`);
    const { stream, ip } = await open(target);
    met.add(peer);
    return runLink(stream, peer, ip);
  };
  return {
    peerId,
    addresses: () => [address],
    handle: (listener: typeof onLink) => void (onLink = listener),
    accept: (stream: Wire['ends'][0], { peer, ip }: { peer: string; ip: string }) =>
      void runLink(stream, peer, ip).catch(() => undefined),
    links: () => links.onePerPeer(),
    linked: (peer: string) => links.open(peer) !== undefined,
    async dial(target: string): Promise<Link> {
      if (life.dead) return life.never();
      const peer = peerIdIn(target) ?? target;
      const link = links.open(peer);
      if (link !== undefined) {
        await link.ready;
        return link;
      }
      const running = dials.get(peer);
      if (running !== undefined) return running;
      const dial = within(dialNew(target, peer), target).finally(() => dials.delete(peer));
      dials.set(peer, dial);
      return dial;
    },
    dropLinks,
    close: () => Promise.resolve(dropLinks()),
  };
}

function within(work: Promise<Link>, target: string): Promise<Link> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new ClientError('LINK_CLOSED', `cannot reach ${target}: too late`)), dialTimeoutMs);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

const ipIn = (address: string): string => address.split('/')[2]!;
