/**
 * The primitives that `#crypto` resolves to: `node.ts` in Node, `browser.ts` elsewhere. Both give the same results for
 * all input.
 */
export interface Crypto {
  /** SHA-256 (FIPS 180-4), 32 bytes. */
  sha256(bytes: Uint8Array): Uint8Array;
  /** SHA-256 of the parts one after the other. */
  sha256Parts(...parts: readonly Uint8Array[]): Uint8Array;
  /** Whether the bytes from `at` on begin with `part`. Not constant-time. */
  holdsAt(bytes: Uint8Array, at: number, part: Uint8Array): boolean;
  /** HMAC-SHA-256 (RFC 2104), 32 bytes. */
  hmacSha256(key: Uint8Array, data: Uint8Array): Uint8Array;
  /** Keccak-256 as Ethereum uses it (the padding before FIPS 202), 32 bytes. */
  keccak256(bytes: Uint8Array): Uint8Array;
  /** Ed25519 signature (RFC 8032 §5.1.6) by the key of a 32-byte seed, 64 bytes. */
  ed25519Sign(seed: Uint8Array, message: Uint8Array): Uint8Array;
  /**
   * RFC 8032 §5.1.7 without the cofactor: `R` must be the canonical encoding of `[S]B - [k]A`, `S` below the group
   * order, `A` canonical, and neither `A` nor `R` of low order. False, never an error, for lengths other than 32 and
   * 64.
   */
  ed25519Verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
  /** Raw public key of a 32-byte seed. */
  ed25519PublicKey(seed: Uint8Array): Uint8Array;
  /** Deterministic (RFC 6979) recoverable signature of a digest: `r ‖ s ‖ v`, low `s`, `v` 27 or 28. */
  secp256k1Sign(privateKey: Uint8Array, digest: Uint8Array): { signature: Uint8Array };
  /** Public key `x ‖ y` that made the signature; null for high `s`, `v` not 27 or 28, or no such key. */
  secp256k1Recover(digest: Uint8Array, signature: Uint8Array): Uint8Array | null;
  /** Public key `x ‖ y`, 64 bytes. @throws on a private key out of range */
  secp256k1PublicKey(privateKey: Uint8Array): Uint8Array;
}

export type Secp256k1 = Pick<Crypto, 'secp256k1Sign' | 'secp256k1Recover' | 'secp256k1PublicKey'>;
