// A provider that lies. It holds the real provider's keys, passes questions on to it, and alters what comes back,
// signing again where a provider could. It listens on a libp2p socket of its own.
import { randomBytes } from 'node:crypto';
import { createNode, type Node } from '@tributary/client';
import type { NamedRecord } from '@tributary/client/testing';
import { networkOf, receiptHash, signReceipt } from '@tributary/proof/payment';
import { fromBase64url, fromUtf8, sha256, toBase64url, toHex, utf8 } from '@tributary/proof/primitives';
import { requestHash, responseHash, shownHash } from '@tributary/proof/statements';
import { openKeys } from '@tributary/relay/local';
import type { NodeKeys } from '@tributary/relay/testing';
import type { Embeddings, EmbedRequest, Receipt, WholeAnswer } from '@tributary/schemas';
import { recordsOf, sealAnswer, wholeOf } from '../packages/proof/test/_whole.ts';
import type { TestNetwork } from './_network.ts';

/** What goes back to who asked. */
export interface Told {
  receipt: Receipt;
  body: Uint8Array;
  records: NamedRecord[];
}

export interface Lie {
  /** Alters the answer. The receipt is signed again over it. */
  answer?: (answer: WholeAnswer) => void;
  /** The same for vectors of embeddings. */
  vectors?: (answer: Embeddings, asked: EmbedRequest) => void | Promise<void>;
  /** Alters the receipt, which is signed again. */
  receipt?: (receipt: Receipt) => void;
  /** Alters answer bytes or receipt and signs nothing. */
  unsigned?: (reply: Told) => Told;
  /** Answers another question, and signs that it was the one asked. */
  question?: (body: string) => string;
}

export interface Liar {
  address: string;
  lie: Lie;
  close(): Promise<void>;
}

export async function startLiar(network: Pick<TestNetwork, 'provider' | 'providerData'>): Promise<Liar> {
  const keys = await openKeys(network.providerData, randomBytes);
  const forwarder = await createNode({
    privateKey: randomBytes(32),
    listen: [],
    handlers: { ask: () => Promise.reject(new Error('asks only')), call: () => Promise.reject(new Error('asks only')) },
  });
  const upstream = () => forwarder.dial(network.provider.addresses()[0]!);
  const liar = { lie: {} as Lie, address: '' };
  const ends = new Map<string, { real: string; told: string }>();
  const node: Node = await createNode({
    privateKey: keys.peer.seed,
    handlers: {
      async ask({ head, body }) {
        const { lie } = liar; // a question that came before the lie is answered as before
        const question = lie.question ? utf8(lie.question(fromUtf8(body))) : body;
        const reply = await (await upstream()).ask(head, question);
        if (reply.kind === 'refusal') return { refusal: { code: reply.code, message: reply.message, retryAfterMs: null } };
        const asked = lie.question ? requestHash(fromBase64url(head.nonce), body) : reply.receipt.requestHash;
        const told = {
          receipt: { ...reply.receipt, requestHash: asked },
          body: reply.body,
          records: reply.records.map(withNames),
        };
        return chained(await distort(told, body, lie, keys), reply.receipt, ends, keys);
      },
      async call(method, params) {
        const result = await (await upstream()).call(method, params);
        if (method !== 'announce') return result;
        const { announcement } = result as { announcement: object };
        return { announcement: { ...announcement, addresses: [liar.address] } };
      },
    },
  });
  liar.address = node.addresses()[0]!;
  return Object.assign(liar, {
    close: async () => {
      await node.close();
      await forwarder.close();
    },
  });
}

/**
 * Receipts after one that was signed again must follow it: a provider that lies about vectors still keeps its books.
 *
 * @param ends last receipt of each channel, as it is in the books and as it was told
 */
function chained(told: Told, real: Receipt, ends: Map<string, { real: string; told: string }>, keys: NodeKeys): Told {
  const network = networkOf(keys.owner.did);
  const end = ends.get(real.channel);
  const follows = end !== undefined && end.real === real.previous && end.told !== end.real;
  const receipt = follows ? sign({ ...told.receipt, previous: end.told }, keys) : told.receipt;
  ends.set(real.channel, { real: receiptHash(real, network), told: receiptHash(receipt, network) });
  return { ...told, receipt };
}

async function distort(reply: Told, question: Uint8Array, lie: Lie, keys: NodeKeys): Promise<Told> {
  if (lie.unsigned) return lie.unsigned(reply);
  let { receipt, body, records } = reply;
  if (lie.vectors) {
    const answer = JSON.parse(fromUtf8(body)) as Embeddings;
    await lie.vectors(answer, JSON.parse(fromUtf8(question)) as EmbedRequest);
    body = utf8(JSON.stringify(answer));
    receipt = { ...receipt, responseHash: responseHash(body) };
  }
  if (lie.answer) {
    const answer = wholeOf({ response: fromUtf8(body), records: reply.records.map(asText) });
    lie.answer(answer);
    const sealed = sealAnswer(answer);
    body = utf8(sealed.response);
    records = named(sealed);
    receipt = { ...receipt, responseHash: responseHash(body) };
  }
  if (lie.receipt) {
    receipt = structuredClone(receipt);
    lie.receipt(receipt);
  }
  if (!lie.answer && !lie.vectors && !lie.receipt && !lie.question) return reply;
  return { body, records, receipt: sign(receipt, keys) };
}

const asText = ({ shown, path }: NamedRecord) => ({
  shown: toBase64url(shown),
  path: Array.from({ length: path.length / 32 }, (_, at) => toBase64url(path.subarray(32 * at, 32 * at + 32))),
});

/** Names for the link; those of paths are of the liar's own making. */
const withNames = ({ shown, path }: Pick<NamedRecord, 'shown' | 'path'>): NamedRecord => ({
  name: shownHash(shown),
  place: toHex(sha256(path)),
  shown,
  path,
});

const named = (sealed: ReturnType<typeof sealAnswer>): NamedRecord[] => recordsOf(sealed).map(withNames);

function sign(receipt: Receipt, keys: NodeKeys): Receipt {
  const { signature: _, ...fields } = receipt;
  return signReceipt(fields, networkOf(keys.owner.did), keys.receipt.privateKey);
}
