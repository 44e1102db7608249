import { bundle as bundleShape, bundleBytesMax, checkShape, isTributaryError, type Bundle } from '@tributary/schemas';
import { fromUtf8 } from '../bytes.ts';
import { ProofError } from '../errors.ts';
import { parseTlogProof, formatTlogProof } from '../note/tlog-proof.ts';
import { splitNote } from '../note/text.ts';
import { parseVkey } from '../note/vkey.ts';
import { logOrigin } from '../identity.ts';
import type { AnswerParts, VerifiedAnswer } from '../verify/types.ts';

/**
 * The file of a bundle (docs/spec/bundle.md): members in the order of the format, two-space indentation, one final newline.
 *
 * @throws TributaryError INPUT_SHAPE
 */
export function serializeBundle(bundle: Bundle): string {
  return spell(checkShape(bundleShape, bundle, 'bundle'));
}

function spell(inOrder: Bundle): string {
  return `${JSON.stringify(inOrder, null, 2)}\n`;
}

/**
 * Reads a bundle file in its one spelling; verifies nothing else.
 *
 * @throws ProofError BUNDLE_SHAPE, BUNDLE_NOT_CANONICAL
 */
export function parseBundle(input: string | Uint8Array): Bundle {
  if (input.length > bundleBytesMax) throw new ProofError('BUNDLE_SHAPE', `a bundle has at most ${bundleBytesMax} bytes`);
  const text = typeof input === 'string' ? input : attempt('the bundle is not UTF-8', () => fromUtf8(input));
  const json = attempt('the bundle is not JSON', () => JSON.parse(text) as unknown);
  const bundle = attempt(null, () => checkShape(bundleShape, json, 'bundle'));
  if (spell(bundle) !== text)
    throw new ProofError(
      'BUNDLE_NOT_CANONICAL',
      'the bundle differs from its own re-serialisation: it was reformatted or changed',
    );
  return bundle;
}

/**
 * The bundle of an answer that was verified: its parts, with the writes that its results name in order of first use, and of the log's
 * signature lines only those of the log and of `witnesses` (C2SP vkeys) that signed, since a bundle holds nothing unchecked.
 */
export function makeBundle(parts: AnswerParts, verified: VerifiedAnswer): Bundle {
  const { log, witnesses } = knownLines(parts, verified.offer.index);
  const writes = [...new Map(verified.writes.map(({ hash, signed }) => [hash, signed])).values()];
  const { request, receipt, payment, offer, identity, manifest } = parts;
  const response = typeof parts.response === 'string' ? parts.response : fromUtf8(parts.response);
  return {
    v: 1,
    type: 'tributary/bundle',
    request,
    response,
    receipt,
    payment,
    offer,
    identity,
    manifest,
    log,
    witnesses,
    writes,
  };
}

function knownLines(parts: AnswerParts, index: string): { log: string; witnesses: string[] } {
  const proof = parseTlogProof(parts.log);
  const { text, lines } = splitNote(proof.checkpoint);
  const written = proof.checkpoint.slice(text.length + 1, -1).split('\n');
  const first = (name: string, keyId: string | null) =>
    lines.findIndex((line) => line.name === name && (keyId === null || line.keyId === keyId));
  const signed = parts.witnesses.filter((text) => {
    const { name, keyId } = parseVkey(text);
    return first(name, keyId) >= 0;
  });
  const kept = [first(logOrigin(index), null), ...signed.map(parseVkey).map(({ name, keyId }) => first(name, keyId))];
  const checkpoint = `${text}\n${kept.map((at) => `${written[at]}\n`).join('')}`;
  return { log: formatTlogProof({ ...proof, checkpoint }), witnesses: signed };
}

function attempt<T>(message: string | null, step: () => T): T {
  try {
    return step();
  } catch (cause) {
    if (message === null && !isTributaryError(cause)) throw cause;
    throw new ProofError('BUNDLE_SHAPE', message ?? (cause as Error).message, { cause });
  }
}
