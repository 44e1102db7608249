// Providers with real keys and statements, for the tests of discovery and of choosing an index.
import type { KnownOffer } from '../discovery/types.ts';
import { networkOf, readOffer, signEmbeddingOffer, signOffer } from '@tributary/proof/payment';
import { ed25519PublicKey, secp256k1PublicKey } from '@tributary/proof/primitives';
import { addressFromPublicKey, didFromPublicKey, makeIndexId, readIdentity, signIdentity } from '@tributary/proof/statements';
import type { Announcement, EmbeddingOffer, Offer, ProviderIdentity } from '@tributary/schemas';

export const START = 1_790_000_000_000;
export const HOUR_MS = 3_600_000;

export interface TestProvider {
  readonly did: string;
  readonly peerId: string;
  index(name: string): string;
  announce(options?: {
    identity?: Partial<ProviderIdentity>;
    offers?: (Partial<Offer> & { index: string })[];
    /** Offers of embeddings, after those. */
    embeddings?: Partial<EmbeddingOffer>[];
    /** Signs the offers instead of the provider's receipt signer. */
    offerKey?: Uint8Array;
    addresses?: string[];
  }): Announcement;
}

/** A provider whose keys are derived from a number. */
export function testProvider(number: number): TestProvider {
  const seed = new Uint8Array(32).fill(1);
  new DataView(seed.buffer).setUint32(0, number);
  const did = didFromPublicKey(ed25519PublicKey(seed));
  const receiptSigner = addressFromPublicKey(secp256k1PublicKey(seed));
  const peerId = `peer${number}`;
  return {
    did,
    peerId,
    index: (name) => makeIndexId(name, ed25519PublicKey(seed)),
    announce: ({
      identity,
      offers = [],
      embeddings = [],
      offerKey = seed,
      addresses = [`/ip4/127.0.0.1/tcp/4001/p2p/${peerId}`],
    } = {}) => {
      const statement: ProviderIdentity = {
        v: 1,
        type: 'tributary/identity',
        did,
        peerId,
        receiptSigner,
        payee: receiptSigner,
        sequence: 1,
        issued: START,
        expiry: START + 24 * HOUR_MS,
        ...identity,
      };
      const { signed: signedIdentity, hash } = signIdentity(statement, { owner: seed, payee: seed });
      const signed = offers.map((changes) => {
        const { hash: _, ...offer } = signOffer({ ...offerOf(did, hash), ...changes }, offerKey);
        return offer;
      });
      for (const changes of embeddings) {
        const { hash: _, ...offer } = signEmbeddingOffer({ ...embeddingOfferOf(did, hash), ...changes }, offerKey);
        signed.push(offer);
      }
      return { identity: signedIdentity, addresses, offers: signed };
    },
  };
}

/** What a client knows of a provider that announced this. */
export function knownOffers(announcement: Announcement): KnownOffer[] {
  const { identity, hash } = readIdentity(announcement.identity);
  return announcement.offers.map((signedOffer) => {
    const { offer, hash: offerHash } = readOffer(signedOffer, { identity, hash });
    const { identity: signedIdentity, addresses } = announcement;
    return { signedIdentity, identity, identityHash: hash, addresses, signedOffer, offer, offerHash };
  });
}

function offerOf(did: string, identity: string): Omit<Offer, 'index'> & { index: string } {
  return {
    v: 1,
    type: 'tributary/offer',
    identity,
    index: '',
    visibility: 'listed',
    card: {
      title: '',
      description: '',
      licence: '',
      records: 1,
      model: '0'.repeat(64),
      modelId: 'test',
      languages: ['en'],
      dimension: 2,
      metric: 'cosine',
    },
    price: { base: '1', perResult: '0', perKiB: '0', empty: '0' },
    unit: 'credit',
    network: networkOf(did),
    limits: { topK: 20, queriesPerMinute: 60, exposurePerChannel: null, exposurePerEpoch: null, epochMs: HOUR_MS },
    credit: '0',
    maxInFlight: 4,
    maxCharge: '1000',
    answerKeepMs: 600_000,
    deadlineMaxMs: 30_000,
    hiding: 'none',
    issued: START,
    expiry: START + HOUR_MS,
  };
}

function embeddingOfferOf(did: string, identity: string): EmbeddingOffer {
  return {
    v: 1,
    type: 'tributary/embedding-offer',
    identity,
    model: { id: 'test/model', digest: '0'.repeat(64), dimension: 2, maxTokens: 512, languages: ['en'] },
    price: { base: '1', perText: '1', perKiB: '0' },
    unit: 'credit',
    network: networkOf(did),
    limits: { texts: 4, textBytes: 1_000, requestsPerMinute: 60 },
    credit: '0',
    maxInFlight: 4,
    maxCharge: '5',
    answerKeepMs: 600_000,
    deadlineMaxMs: 30_000,
    issued: START,
    expiry: START + HOUR_MS,
  };
}
