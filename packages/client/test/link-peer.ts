import '@tributary/runtime/node-gc';
// The other process of link-processes.test.ts. Arguments: its role, then the address to dial. It reports to its parent.
import { noise } from '@chainsafe/libp2p-noise';
import { yamux } from '@chainsafe/libp2p-yamux';
import type { Stream } from '@libp2p/interface';
import { tcp } from '@libp2p/tcp';
import { tls } from '@libp2p/tls';
import { multiaddr } from '@multiformats/multiaddr';
import { FRAME, RELAY_PROTOCOL } from '@tributary/schemas';
import { createLibp2p } from 'libp2p';
import { createFrameDecoder, encodeFrame, type EncodedFrame } from '../src/link/frame.ts';
import { libp2pByteStream, yamuxStreamOptions } from '../src/network/libp2p-stream.ts';
import { sampleAsk, sampleReceipt } from '../src/testing/samples.ts';
import { createNode } from '../src/network/libp2p-node.ts';

const [role = '', target = ''] = process.argv.slice(2);
const tell = (message: unknown) => process.send?.(message);
const most = Number.MAX_SAFE_INTEGER;
const endless = { v: 1, requestsMax: most, windowBytes: most, recordsBytesMax: 0 } as const;

/** A node that answers each ask with 45 KB that begin with the question, or never answers. */
async function provider(answers: boolean): Promise<void> {
  const node = await createNode({
    privateKey: new Uint8Array(32).fill(2),
    handlers: {
      ask: ({ body }) => {
        if (!answers) return new Promise(() => undefined);
        const answer = new Uint8Array(45_000);
        answer.set(body);
        return Promise.resolve({ receipt: sampleReceipt, body: answer });
      },
      call: async () => ({ available: '1', unit: 'credit' }),
    },
  });
  tell({ addresses: node.addresses() });
}

/** A stream to the target that speaks only as much of the protocol as its role needs. */
async function rawStream(): Promise<{ stream: Stream; send: (frame: EncodedFrame) => void }> {
  const host = await createLibp2p({
    transports: [tcp()],
    connectionEncrypters: [tls(), noise()],
    streamMuxers: [yamux({ streamOptions: yamuxStreamOptions })],
  });
  const stream = await host.dialProtocol(multiaddr(target), RELAY_PROTOCOL);
  stream.addEventListener('close', () => tell({ closed: true }));
  return { stream, send: ({ prefix, body }) => void stream.send(Buffer.concat([prefix, body])) };
}

/** Sends a hello, asks 200 times, reads the first answer, and then nothing. */
async function stoppedReader(): Promise<void> {
  const { stream, send } = await rawStream();
  const bytes = libp2pByteStream(stream);
  const decoder = createFrameDecoder({
    frame: ({ type }) => {
      if (type === FRAME.answer) bytes.pause();
    },
  });
  bytes.onData((chunk) => decoder.push(chunk));
  send(encodeFrame(FRAME.hello, 0, endless));
  for (let id = 1; id <= 200; id += 1) send(encodeFrame(FRAME.ask, id, sampleAsk, Buffer.alloc(100)));
}

async function greetThen(bytes: Uint8Array): Promise<void> {
  const { stream, send } = await rawStream();
  send(encodeFrame(FRAME.hello, 0, endless));
  stream.send(bytes);
}

if (role === 'echo') await provider(true);
else if (role === 'silent') await provider(false);
else if (role === 'stopped reader') await stoppedReader();
else if (role === 'garbage') await greetThen(Buffer.from('\0\0\x01\0 no frame at all'));
else if (role === 'oversize') await greetThen(Buffer.alloc(100_000, 0xff));
