// Well-formed heads and bundles for tests. Nothing in them verifies.
import type { AskHead, Bundle, Receipt } from '@tributary/schemas';

const hex = (digits: number) => 'ab'.repeat(digits / 2);

export const sampleReceipt: Receipt = {
  channel: hex(64),
  ticket: 'A'.repeat(22),
  sequence: 7,
  requestHash: hex(64),
  responseHash: hex(64),
  offerHash: hex(64),
  manifestHash: hex(64),
  snapshot: 3,
  status: 'ok',
  charge: '1000',
  chargedTotal: '340282366920938463463374607431768211455',
  servedAt: 1_790_000_000_000,
  previous: hex(64),
  signature: hex(130),
};

export const sampleAsk: AskHead = {
  nonce: 'A'.repeat(43),
  offer: hex(64),
  ticketId: 'A'.repeat(22),
  deadline: 1_790_000_000_000,
  payment: {
    ticket: {
      channel: hex(64),
      id: 'A'.repeat(22),
      offer: hex(64),
      request: hex(64),
      maxCharge: '2000',
      deadline: 1_790_000_000_000,
      ackedTotal: '0',
      ackedReceipt: hex(64),
    },
    voucher: { cumulative: '5000', signature: hex(130) },
  },
};

export const sampleBundle = (receipt: Partial<Receipt> = {}): Bundle => ({
  v: 1,
  type: 'tributary/bundle',
  request: { nonce: 'A'.repeat(43), body: '{}' },
  response: '{}',
  records: [],
  receipt: { ...sampleReceipt, ...receipt },
  payment: null,
  offer: { body: '{}', signature: hex(130) },
  identity: { body: '{}', signature: 'A'.repeat(86), payeeSignature: hex(130) },
  manifest: '{}',
  log: 'log',
  witnesses: [],
  writes: [],
});
