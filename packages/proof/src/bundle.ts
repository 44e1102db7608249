import { bundle as bundleShape, bundleBytesMax, checkShape, parseJson, type Bundle } from '@tributary/schemas';
import { refuseAs } from './errors.ts';

/**
 * The usual file of a bundle: members in the order of docs/spec/bundle.md, two-space indentation, one final newline.
 * Every other spelling of the same JSON value is equally valid.
 *
 * @throws TributaryError INPUT_SHAPE
 */
export function serializeBundle(bundle: Bundle): string {
  return `${JSON.stringify(checkShape(bundleShape, bundle, 'bundle'), null, 2)}\n`;
}

/**
 * Reads a bundle: the text or bytes of its file in any spelling, or a parsed value. Verifies nothing else.
 *
 * @throws ProofError BUNDLE_SHAPE
 */
export function parseBundle(input: unknown): Bundle {
  return refuseAs('BUNDLE_SHAPE', () => {
    const isFile = typeof input === 'string' || input instanceof Uint8Array;
    return checkShape(bundleShape, isFile ? parseJson(input, 'the bundle', bundleBytesMax) : input, 'bundle');
  });
}
