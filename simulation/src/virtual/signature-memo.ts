// Statements are the same in every run, and each side of a run checks what the other has checked. Equal inputs have
// equal verdicts.
import nodeCrypto, { hash, type KeyObject } from 'node:crypto';
import { createRequire, syncBuiltinESMExports } from 'node:module';

/** Most verdicts kept. At this number all are dropped. */
const verdictsMax = 50_000;

const text = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');

/**
 * Makes this process verify each signature only once. Without it, signatures are three quarters of the cost of a run.
 */
export function rememberSignatures(): void {
  rememberEd25519();
  rememberSecp256k1();
}

function rememberEd25519(): void {
  const verdicts = new Map<string, boolean>();
  const names = new WeakMap<KeyObject, number>();
  let keys = 0;
  const { verify } = nodeCrypto;
  const remembered = (algorithm: null, message: Uint8Array, key: KeyObject, signature: Uint8Array): boolean => {
    const name = names.get(key) ?? (keys += 1);
    names.set(key, name);
    return once(verdicts, `${name} ${text(signature)}${hash('sha256', message, 'binary')}`, () =>
      verify(algorithm, message, key, signature),
    );
  };
  Object.assign(nodeCrypto, { verify: remembered });
  syncBuiltinESMExports();
}

interface Binding {
  ecdsaRecover(signature: Uint8Array, recovery: number, digest: Uint8Array, compressed: boolean): Uint8Array;
}

function rememberSecp256k1(): void {
  const keys = new Map<string, Uint8Array>();
  try {
    const binding = createRequire(import.meta.resolve('@tributary/proof'))('secp256k1/bindings') as Binding;
    const recover = binding.ecdsaRecover.bind(binding);
    binding.ecdsaRecover = (signature, recovery, digest, compressed) =>
      once(keys, `${recovery}${compressed}${text(signature)}${text(digest)}`, () =>
        recover(signature, recovery, digest, compressed),
      );
  } catch {
    // Without the native binding the portable code is used, which is slower.
  }
}

function once<Verdict>(kept: Map<string, Verdict>, key: string, find: () => Verdict): Verdict {
  const known = kept.get(key);
  if (known !== undefined) return known;
  const verdict = find();
  if (kept.size >= verdictsMax) kept.clear();
  kept.set(key, verdict);
  return verdict;
}
