import { GetObjectCommand, HeadObjectCommand, ListObjectsV2Command, S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { TributaryError } from '@tributary/schemas';
import { importFilesMax, sourceTimeoutMs } from '../../../import/limits.ts';
import type { Bucket } from './bucket.ts';

export type BucketAccess = Required<Pick<S3ClientConfig, 'region'>> & {
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
  /** Absent: that of AWS in the region. */
  endpoint?: string;
};

/** Most attempts of one request, the first included. */
const ATTEMPTS_MAX = 5;

/**
 * A bucket at an S3-compatible endpoint. Requests go there only: keys come from the options, not from a chain that asks
 * other addresses, and redirects to other regions are not followed.
 */
export function openBucket(name: string, { endpoint, ...access }: BucketAccess, filesMax = importFilesMax): Bucket {
  const client = new S3Client({
    ...access,
    // Of other providers, not each has a host per bucket.
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    maxAttempts: ATTEMPTS_MAX,
    followRegionRedirects: false,
    requestHandler: { connectionTimeout: sourceTimeoutMs, requestTimeout: sourceTimeoutMs },
    // Checksums that not every provider knows; ranges have none.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
  const of = (key: string): string => `s3://${name}/${key}`;
  return {
    async keys(prefix, signal) {
      const keys: string[] = [];
      for (let token: string | undefined, more = true; more;) {
        const asked = { Bucket: name, Prefix: prefix, ...(token === undefined ? {} : { ContinuationToken: token }) };
        const page = await asking(of(prefix), () => client.send(new ListObjectsV2Command(asked), { abortSignal: signal }));
        for (const { Key: key } of page.Contents ?? []) if (key !== undefined && !key.endsWith('/')) keys.push(key);
        if (keys.length > filesMax)
          throw new TributaryError('SOURCE_RESPONSE', `${of(prefix)} has more than ${filesMax} objects; name a smaller prefix`);
        token = page.NextContinuationToken;
        more = page.IsTruncated === true && token !== undefined;
      }
      return keys;
    },
    async stat(key, signal) {
      const asked = new HeadObjectCommand({ Bucket: name, Key: key });
      const { ContentLength: bytes, ETag: tag } = await asking(of(key), () => client.send(asked, { abortSignal: signal }));
      if (bytes !== undefined && tag !== undefined) return { bytes, tag };
      throw new TributaryError('SOURCE_RESPONSE', `${of(key)}: the endpoint tells neither length nor ETag`);
    },
    async read(key, tag, start, end, signal) {
      const asked = new GetObjectCommand({ Bucket: name, Key: key, IfMatch: tag, Range: `bytes=${start}-${end - 1}` });
      return asking(of(key), async () => {
        const { Body: body, ETag: now } = await client.send(asked, { abortSignal: signal });
        // Not every provider knows IfMatch.
        if (now !== tag) throw new TributaryError('SOURCE_RESPONSE', `${of(key)} was replaced while it was read`);
        const bytes = (await body?.transformToByteArray()) ?? new Uint8Array(0);
        if (bytes.length !== end - start)
          throw new TributaryError('SOURCE_RESPONSE', `${of(key)}: ${bytes.length} bytes came, not ${end - start}`);
        return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
      });
    },
  };
}

/** What an endpoint refuses is told by its code only: its words may show more than callers should see. */
async function asking<T>(path: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (cause) {
    if (cause instanceof TributaryError) throw cause;
    const { name, $response: answered } = cause as Error & { $response?: unknown };
    const said = answered === undefined ? 'the endpoint cannot be reached' : `the endpoint refused: ${name}`;
    throw new TributaryError(answered === undefined ? 'SOURCE_UNREACHABLE' : 'SOURCE_RESPONSE', `${path}: ${said}`, { cause });
  }
}
