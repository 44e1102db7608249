import { importFiles, type ImportPlace } from '@tributary/relay';
import { readParquet } from '../read-parquet.ts';
import { bucketBuffer, type Bucket } from './bucket.ts';

/** A bucket and a prefix of its keys, without a slash at the end; the empty one is all of it. */
export interface S3Address {
  bucket: string;
  prefix: string;
}

const SCHEME = 's3://';
/** A name without upper-case letters, as all buckets have had since 2018. */
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const SEGMENT = /^(?!\.{1,2}$)\P{Cc}+$/u;

/** Null for what is no such address. Dots that mean folders elsewhere are refused: proxies may follow them. */
export function parseAddress(uri: string): S3Address | null {
  if (!uri.startsWith(SCHEME)) return null;
  const [bucket = '', ...segments] = uri.slice(SCHEME.length).replace(/\/$/, '').split('/');
  return BUCKET.test(bucket) && segments.every((one) => SEGMENT.test(one)) ? { bucket, prefix: segments.join('/') } : null;
}

/** Parquet files below a prefix of a bucket, as `s3://BUCKET/PREFIX`. */
export function createS3Place(root: S3Address, bucket: Bucket): ImportPlace {
  const inside = ({ bucket: name, prefix }: S3Address): boolean =>
    name === root.bucket && (root.prefix === '' || prefix === root.prefix || prefix.startsWith(`${root.prefix}/`));
  const keyOf = (path: string): string => path.slice(`${SCHEME}${root.bucket}/`.length);
  const pathOf = (key: string): string => `${SCHEME}${root.bucket}/${key}`;
  return {
    scheme: 's3',
    async locate(uri) {
      const address = parseAddress(uri);
      return address !== null && inside(address) ? pathOf(address.prefix) : null;
    },
    async files(path, signal) {
      const prefix = keyOf(path);
      const folder = prefix === '' ? '' : `${prefix}/`;
      const keys = await bucket.keys(folder, signal);
      // An object, unless there are some below it: programs that write in parts name folders like files.
      if (keys.length === 0) return importFiles([{ path, below: prefix.split('/').at(-1)! }]);
      return importFiles(keys.map((key) => ({ path: pathOf(key), below: key.slice(folder.length) })));
    },
    read: (path, signal) => readParquet(path, signal, () => bucketBuffer(bucket, keyOf(path), signal)),
  };
}
