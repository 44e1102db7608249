import '@tributary/runtime/node-gc';
import { randomBytes } from 'node:crypto';
import { createNode, openClient, type KnownOffer, type Link, type Node, type NodeOptions } from '@tributary/client';
import { toBase64url } from '@tributary/proof/primitives';
import { writeRequest } from '@tributary/proof/statements';
import { serveRemote } from '../processes.ts';
import { denseQuestion } from '../indexes/question.ts';
import { makeData } from './data.ts';
import type { StrangerCalls, StrangerMode, StrangerStart } from './types.ts';

/** Every address in 127/8 counts as a separate host. */
const HOSTS = ['127.0.0.66', '127.0.0.67', '127.0.0.68', '127.0.0.69', '127.0.0.70'];
const quiet: NodeOptions['handlers'] = {
  ask: () => new Promise(() => undefined),
  call: () => Promise.resolve({ announcement: null }),
};
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Takes answers and sends no credit: no share of its window is large enough, and no timer of a fifth of a second runs.
 */
const withoutCredit: Partial<NodeOptions> = {
  limits: { windowBytes: 2 ** 40 },
  clock: {
    after(ms, run) {
      if (ms <= 200) return () => undefined;
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
  },
};

await serveRemote<StrangerStart, StrangerCalls>(async (start) => {
  const known = await findFree(start);
  const stranger = createStranger(known, questionOf(known, start), known.addresses[0] ?? start.bootstrap[0]!);
  return {
    ready: null,
    calls: {
      async begin(mode) {
        await stranger.begin(mode, start.counts[mode]);
        await sleep(2_000);
        return null;
      },
      end: () => stranger.end(),
    },
    close: () => Promise.resolve(),
  };
});

function createStranger(known: KnownOffer, body: Uint8Array, target: string) {
  const counts = { answers: 0, refusals: 0, links: 0 };
  let nodes: Node[] = [];
  let begun = false;
  const askOnce = async (link: Link): Promise<void> => {
    const head = {
      nonce: toBase64url(randomBytes(32)),
      offer: known.offerHash,
      ticketId: toBase64url(randomBytes(16)),
      deadline: Date.now() + 10_000,
      payment: null,
    };
    const reply = await link.ask(head, body);
    counts[reply.kind === 'answer' ? 'answers' : 'refusals'] += 1;
  };
  const askOn = async (link: Link): Promise<void> => {
    while (begun && link.isOpen) await askOnce(link);
  };
  const work: Record<StrangerMode, (link: Link, count: number) => Promise<unknown>> = {
    questions: (link, count) => Promise.all(Array.from({ length: count }, () => askOn(link))),
    connections: (link) => link.closed,
    readers: (link) => Promise.allSettled([link.closed, ...Array.from({ length: 250 }, () => askOnce(link))]),
  };
  /** Keeps links open and works on each one, until it is told to end. */
  const keep = async (node: Node, mode: StrangerMode, count: number): Promise<void> => {
    while (begun) {
      try {
        const link = await node.dial(target);
        counts.links += 1;
        await work[mode](link, count);
      } catch {
        // refused or cut: it connects again
      }
      await sleep(1_000);
    }
  };
  return {
    async begin(mode: StrangerMode, count: number): Promise<void> {
      begun = true;
      const peers = mode === 'questions' ? 1 : count;
      for (let at = 0; at < peers; at += 1) nodes.push(await nodeOf(at, mode === 'readers' ? withoutCredit : {}));
      for (const node of nodes) void keep(node, mode, count);
    },
    async end(): Promise<{ answers: number; refusals: number; links: number }> {
      begun = false;
      await Promise.all(nodes.map((node) => node.close()));
      nodes = [];
      const got = { ...counts };
      Object.assign(counts, { answers: 0, refusals: 0, links: 0 });
      return got;
    },
  };
}

/** The offer of the free index, found like any other client finds it. */
async function findFree({ folder, bootstrap, freeIndex }: StrangerStart): Promise<KnownOffer> {
  const client = await openClient({ directory: folder, bootstrap });
  await client.discovery.round();
  const known = client.offers().find(({ offer }) => offer.index.startsWith(`${freeIndex}@`));
  await client.close();
  if (!known) throw new Error(`the index ${freeIndex} is not offered`);
  return known;
}

function questionOf({ offer }: KnownOffer, start: StrangerStart): Uint8Array {
  const { topK } = offer.limits;
  const request = denseQuestion(offer.index, makeData(start).queries[0]!, { topK, model: offer.card.model });
  return new TextEncoder().encode(writeRequest(request));
}

function nodeOf(at: number, more: Partial<NodeOptions> = {}): Promise<Node> {
  return createNode({ privateKey: randomBytes(32), listen: [], handlers: quiet, dialFrom: HOSTS[at % HOSTS.length]!, ...more });
}
