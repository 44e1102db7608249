// Offers, channels, tickets, vouchers, receipts: their digests, signatures and prices (docs/spec/payment.md).
export { channelId, recoverAboutChannel, recoverOpenChannel, signAboutChannel, signOpenChannel } from './payment/channel.ts';
export { checkChannelState, signChannelState } from './payment/channel-state.ts';
export type { Network } from './payment/eip712.ts';
export { networkOf } from './payment/network.ts';
export {
  readEmbeddingOffer,
  readOffer,
  recoverEmbeddingOffer,
  recoverOffer,
  signEmbeddingOffer,
  signOffer,
} from './payment/offer.ts';
export type { RecoveredOffer } from './payment/offer.ts';
export { chargeOf, embeddingPriceOf, isFree, isFreeEmbedding, priceOf, quoteOf, textBytesOf } from './payment/price.ts';
export { receiptDigest, receiptHash, recoverReceipt, signReceipt, NO_RECEIPTS, breakOfChain } from './payment/receipt.ts';
export type { ReceiptChainEnd, ReceiptLink } from './payment/receipt.ts';
export { ticketHash, recoverVoucher, signVoucher } from './payment/voucher.ts';
