import type { AsyncBuffer } from 'hyparquet';
import { parquetGroupBytesMax } from '../../../import/limits.ts';

/** An object as it is now. */
interface Stat {
  bytes: number;
  /** Changes with the content. */
  tag: string;
}

/** Read access to a bucket. @throws TributaryError SOURCE_UNREACHABLE, SOURCE_RESPONSE */
export interface Bucket {
  /** Keys with that prefix that name no folder. */
  keys(prefix: string, signal: AbortSignal): Promise<string[]>;
  stat(key: string, signal: AbortSignal): Promise<Stat>;
  /** The bytes from `start` to before `end` of that version. */
  read(key: string, tag: string, start: number, end: number, signal: AbortSignal): Promise<ArrayBuffer>;
}

/** An object for the reader of Parquet, which asks for its parts. */
export async function bucketBuffer(bucket: Bucket, key: string, signal: AbortSignal): Promise<AsyncBuffer> {
  const { bytes, tag } = await bucket.stat(key, signal);
  return {
    byteLength: bytes,
    async slice(start, end = bytes) {
      const [from, to] = [start < 0 ? Math.max(0, bytes + start) : start, Math.min(bytes, end < 0 ? bytes + end : end)];
      if (to <= from) return new ArrayBuffer(0);
      if (to - from > parquetGroupBytesMax)
        throw new Error(`a part of it has ${to - from} bytes, more than ${parquetGroupBytesMax}`);
      return bucket.read(key, tag, from, to, signal);
    },
  };
}
