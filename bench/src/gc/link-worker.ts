// Without `runtime/node-gc.ts` on purpose, because the benchmark compares runs with and without its setting.
import { randomBytes } from 'node:crypto';
import { createNode, type LinkHandlers } from '@tributary/client';
import type { AskHead, Receipt } from '@tributary/schemas';
import { serveRemote } from '../processes.ts';
import type { GcCalls, GcStart } from './types.ts';

const IN_FLIGHT = 64;
const QUESTION_BYTES = 1_024;
const ANSWER_BYTES = 8_192;
const DEADLINE_MS = 60_000;

const hex = (digits: number): string => 'ab'.repeat(digits / 2);
const receipt: Receipt = {
  channel: hex(64),
  ticket: 'A'.repeat(22),
  sequence: 1,
  requestHash: hex(64),
  responseHash: hex(64),
  offerHash: hex(64),
  manifestHash: hex(64),
  snapshot: 1,
  status: 'ok',
  charge: '1',
  chargedTotal: '1',
  servedAt: 1,
  previous: hex(64),
  signature: hex(130),
};

const answer = new Uint8Array(randomBytes(ANSWER_BYTES));
const handlers: LinkHandlers = {
  ask: () => Promise.resolve({ receipt, body: answer.slice() }),
  call: () => Promise.resolve({}),
};

await serveRemote<GcStart, GcCalls>(async ({ address, liveObjects }) => {
  const live = Array.from({ length: liveObjects }, (_, at) => ({ at, name: `object ${at}` }));
  const node = await createNode({
    privateKey: randomBytes(32),
    listen: address === null ? ['/ip4/127.0.0.1/tcp/0'] : [],
    handlers,
  });
  const question = new Uint8Array(randomBytes(QUESTION_BYTES));
  return {
    ready: address === null ? { address: node.addresses()[0]! } : null,
    calls: {
      async ask({ milliseconds }) {
        const link = await node.dial(address!);
        const started = performance.now();
        let answers = 0;
        const lane = async (): Promise<void> => {
          while (performance.now() - started < milliseconds) {
            const head: AskHead = {
              nonce: 'A'.repeat(43),
              offer: hex(64),
              ticketId: 'A'.repeat(22),
              deadline: Date.now() + DEADLINE_MS,
              payment: null,
            };
            const { kind } = await link.ask(head, question);
            if (kind === 'answer' && live.length === liveObjects) answers += 1;
          }
        };
        await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
        return (answers / (performance.now() - started)) * 1_000;
      },
    },
    close: () => node.close(),
  };
});
