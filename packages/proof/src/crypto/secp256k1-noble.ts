// secp256k1 by @noble/curves: in browsers, and in Node where the native binding is missing.
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { isLowRecoverable } from './encoding-rules.ts';
import type { Secp256k1 } from './types.ts';

export const nobleSecp256k1: Secp256k1 = {
  secp256k1Sign(privateKey, digest) {
    const signed = secp256k1.sign(digest, privateKey, { prehash: false, lowS: true, format: 'recovered' });
    const signature = new Uint8Array(65);
    signature.set(signed.subarray(1));
    signature[64] = 27 + signed[0]!;
    return { signature };
  },
  secp256k1Recover(digest, signature) {
    if (digest.length !== 32 || !isLowRecoverable(signature)) return null;
    const recovered = new Uint8Array(65);
    recovered[0] = signature[64]! - 27;
    recovered.set(signature.subarray(0, 64), 1);
    try {
      return secp256k1.Signature.fromBytes(recovered, 'recovered').recoverPublicKey(digest).toBytes(false).slice(1);
    } catch {
      return null;
    }
  },
  secp256k1PublicKey: (privateKey) => secp256k1.getPublicKey(privateKey, false).slice(1),
};
