/** Bytes that are drawn at once. */
const POOL_BYTES = 4_096;

/**
 * Random bytes from the platform, drawn `POOL_BYTES` at a time, because each draw is a system call. Each byte is handed
 * out once and wiped where it was.
 *
 * @param fill fills an array with random bytes
 */
export function createRandomBytes(
  fill: (bytes: Uint8Array<ArrayBuffer>) => void = (bytes) => void crypto.getRandomValues(bytes),
): (length: number) => Uint8Array {
  const pool = new Uint8Array(POOL_BYTES);
  let used = POOL_BYTES;
  return (length) => {
    if (length > POOL_BYTES) {
      const bytes = new Uint8Array(length);
      fill(bytes);
      return bytes;
    }
    if (used + length > POOL_BYTES) {
      fill(pool);
      used = 0;
    }
    const bytes = pool.slice(used, used + length);
    pool.fill(0, used, used + length);
    used += length;
    return bytes;
  };
}
