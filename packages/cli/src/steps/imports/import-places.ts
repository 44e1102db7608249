import { createFolderPlace, type ImportPlace } from '@tributary/relay';
import { TributaryError } from '@tributary/schemas';
import { readParquet } from './read-parquet.ts';
import type { BucketAccess } from './s3/open-bucket.ts';
import { createS3Place, parseAddress } from './s3/s3-place.ts';

/** The places of `--imports`. @throws TributaryError USAGE */
export async function importPlaces(given: readonly string[], env: NodeJS.ProcessEnv): Promise<ImportPlace[]> {
  const opening = given.map(async (place) => (/^s3:/i.test(place) ? s3Place(place, env) : createFolderPlace(place, readParquet)));
  return Promise.all(opening);
}

async function s3Place(place: string, env: NodeJS.ProcessEnv): Promise<ImportPlace> {
  const address = parseAddress(place);
  if (address === null)
    throw new TributaryError('USAGE', `--imports ${place} is neither a folder nor s3://BUCKET or s3://BUCKET/PREFIX`);
  const access = accessFrom(place, env);
  // Only then: the client of S3 takes a while to load.
  const { openBucket } = await import('./s3/open-bucket.ts');
  return createS3Place(address, openBucket(address.bucket, access));
}

/** What AWS's own tools read from the environment. @throws TributaryError USAGE */
function accessFrom(place: string, env: NodeJS.ProcessEnv): BucketAccess {
  const [accessKeyId, secretAccessKey] = [env['AWS_ACCESS_KEY_ID'], env['AWS_SECRET_ACCESS_KEY']];
  if (!accessKeyId || !secretAccessKey)
    throw new TributaryError('USAGE', `--imports ${place} needs $AWS_ACCESS_KEY_ID and $AWS_SECRET_ACCESS_KEY`);
  const endpoint = env['AWS_ENDPOINT_URL_S3'] ?? env['AWS_ENDPOINT_URL'];
  const protocol = endpoint === undefined ? 'https:' : URL.parse(endpoint)?.protocol;
  if (protocol !== 'https:' && protocol !== 'http:')
    throw new TributaryError(
      'USAGE',
      `AWS_ENDPOINT_URL is '${endpoint}'; give an http or https URL, such as http://127.0.0.1:9000`,
    );
  const sessionToken = env['AWS_SESSION_TOKEN'];
  return {
    region: env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'] ?? 'us-east-1',
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) },
    ...(endpoint === undefined ? {} : { endpoint }),
  };
}
