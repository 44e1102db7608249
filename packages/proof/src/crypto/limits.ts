/** Most Ed25519 public keys kept ready for verification, and most cached verdicts on public keys. */
export const publicKeysCachedMax = 4_096;
/** Most Ed25519 private keys kept ready for signing. */
export const privateKeysCachedMax = 64;
