import { fromBase64url, toHex } from '../../bytes.ts';
import { TAG_MANIFEST } from '../../domains.ts';
import { ProofError } from '../../errors.ts';
import { receiptDigest } from '../../payment/receipt.ts';
import { recoverDigest, type Network } from '../../payment/eip712.ts';
import { readRequest, requestHash, responseHash } from '../../requests.ts';
import { statementHash } from '../../statements/sign.ts';
import { readRecords } from '../known-items.ts';
import type { AnswerParts, VerifiedIdentity, VerifiedOffer, VerifiedReceipt, VerifierCaches, VerifyOptions } from '../types.ts';

/** Step 4: the provider signed this answer to this question, under this offer and from this manifest. */
export function checkReceipt(
  parts: AnswerParts,
  identity: VerifiedIdentity,
  offer: VerifiedOffer,
  { caches, ownRequest: own }: Pick<VerifyOptions, 'ownRequest'> & { readonly caches: VerifierCaches },
): VerifiedReceipt {
  const { receipt } = parts;
  const hash = checkSigned(parts, identity, { network: offer.offer.network, hash: offer.hash });
  if (receipt.manifestHash !== statementHash(TAG_MANIFEST, parts.manifest))
    throw new ProofError('RECEIPT_MISMATCH', 'the receipt names another manifest');
  const request = own?.body === parts.request.body ? own.request : readRequest(parts.request.body);
  const { answer, items } = readRecords(parts, receipt.manifestHash, caches);
  if (answer.status !== receipt.status || answer.snapshot !== receipt.snapshot)
    throw new ProofError('RECEIPT_MISMATCH', 'status or snapshot of the receipt are not those of the answer');
  return { receipt, hash, request, answer, items };
}

/** The receipt is signed, and names this request, these answer bytes and this offer. Returns its hash. */
export function checkSigned(
  { receipt, request, response }: Pick<AnswerParts, 'receipt' | 'request' | 'response'>,
  { identity }: VerifiedIdentity,
  offer: { readonly network: Network; readonly hash: string },
): string {
  const digest = receiptDigest(receipt, offer.network);
  if (recoverDigest(digest, receipt.signature) !== identity.receiptSigner)
    throw new ProofError('RECEIPT_SIGNATURE', `the receipt is not signed by ${identity.receiptSigner}`);
  if (receipt.requestHash !== requestHash(fromBase64url(request.nonce), request.body))
    throw new ProofError('REQUEST_HASH', 'the receipt is for another request');
  if (receipt.responseHash !== responseHash(response)) throw new ProofError('RESPONSE_HASH', 'the receipt is for another answer');
  if (receipt.offerHash !== offer.hash) throw new ProofError('RECEIPT_MISMATCH', 'the receipt names another offer');
  return toHex(digest);
}
