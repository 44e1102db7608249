// Bulk import from S3-compatible storage: a real server of that API, and an unmodified client of Pinecone.
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { startNode } from '@tributary/relay';
import { silentLog } from '@tributary/relay/testing';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { importPlaces } from '../src/steps/imports/import-places.ts';
import { bucketBuffer } from '../src/steps/imports/s3/bucket.ts';
import { openBucket } from '../src/steps/imports/s3/open-bucket.ts';

const BUCKET = 'embeddings';
const modelDirectory = fileURLToPath(new URL('../../../models/bge-small-en-v1.5', import.meta.url));
const { signal } = new AbortController();

interface Server {
  run(): Promise<{ port: number }>;
  close(): Promise<void>;
}
type ServerModule = { default: new (options: object) => Server };

/** What is called of Pinecone's client. */
interface Client {
  createIndex(options: object): Promise<unknown>;
  index(options: object): {
    startImport(options: object): Promise<{ id: string }>;
    describeImport(id: string): Promise<{ status: string }>;
    describeIndexStats(): Promise<{ namespaces: object }>;
    fetch(options: object): Promise<{ records: Record<string, object> }>;
  };
}

let folder: string;
let servers: Server[];
/**
 * Two over the same objects. The strict one checks signatures; it cannot check those of requests to a bucket itself,
 * whose path it forms otherwise than AWS's client does.
 */
let strict: string;
let endpoint: string;
let client: S3Client;
let env: Record<string, string>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-s3-'));
  // It has no types, so its name is computed.
  const { default: S3rver } = (await import('@20minutes/s3rver'.slice())) as ServerModule;
  const options = { address: '127.0.0.1', port: 0, silent: true, directory: join(folder, 's3') };
  const configureBuckets = [{ name: BUCKET }];
  servers = [false, true].map(
    (allowMismatchedSignatures) => new S3rver({ ...options, allowMismatchedSignatures, configureBuckets }),
  );
  [strict, endpoint] = (await Promise.all(servers.map((one) => one.run()))).map(({ port }) => `http://127.0.0.1:${port}`) as [
    string,
    string,
  ];
  env = { AWS_ENDPOINT_URL: endpoint, AWS_ACCESS_KEY_ID: 'S3RVER', AWS_SECRET_ACCESS_KEY: 'S3RVER' };
  const credentials = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' };
  client = new S3Client({ endpoint, region: 'us-east-1', credentials, forcePathStyle: true });
});
afterAll(async () => {
  client.destroy();
  await Promise.all(servers.map((one) => one.close()));
  await rm(folder, { recursive: true, force: true });
});

const put = (key: string, body: Uint8Array | string) =>
  client.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: body }));

/** A file with the columns of Pinecone's bulk import. */
function fileOf(ids: readonly string[]): Uint8Array {
  const columnData = [
    { name: 'id', data: [...ids], type: 'STRING' as const },
    { name: 'values', data: ids.map((_, at) => [1, at + 1]) },
    { name: 'metadata', data: ids.map((id) => JSON.stringify({ of: id })), type: 'STRING' as const },
  ];
  return new Uint8Array(parquetWriteBuffer({ columnData }));
}

const access = ({ id = 'S3RVER', secret = 'S3RVER', url = endpoint } = {}) => ({
  region: 'us-east-1',
  credentials: { accessKeyId: id, secretAccessKey: secret },
  endpoint: url,
});

it('a client of Pinecone imports what is below the prefix, by namespace, and nothing else', async () => {
  await put('films/2026/a.parquet', fileOf(['a1', 'a2']));
  await put('films/2026/old/b.parquet', fileOf(['b1']));
  await put('films/2026/old/deep/c.parquet', fileOf(['c1']));
  await put('films/2026/notes.txt', 'no file of records');
  await put('films/2026-secret/s.parquet', fileOf(['s1']));
  await put('other/o.parquet', fileOf(['o1']));
  const node = await startNode({
    dataDirectory: join(folder, 'node'),
    listen: ['/ip4/127.0.0.1/tcp/0'],
    bootstrap: [],
    rendezvous: null,
    modelDirectory,
    port: 0,
    imports: await importPlaces([`s3://${BUCKET}/films/2026`], env),
    log: silentLog,
  });
  onTestFinished(() => node.close());
  const { Pinecone } = (await import('pinecone-9'.slice())) as { Pinecone: new (options: object) => Client };
  const pinecone = new Pinecone({ apiKey: 'none', controllerHostUrl: node.gateway.url });
  const spec = { serverless: { cloud: 'aws', region: 'us-east-1' } };
  await pinecone.createIndex({ name: 'films', dimension: 2, metric: 'cosine', spec });
  const index = pinecone.index({ name: 'films' });
  const run = async (uri: string) => {
    const { id } = await index.startImport({ uri, errorMode: 'abort' });
    await expect.poll(async () => (await index.describeImport(id)).status, { timeout: 60_000 }).not.toMatch(/Pending|InProgress/);
    return index.describeImport(id);
  };
  expect(await run(`s3://${BUCKET}/films/2026/`)).toMatchObject({ status: 'Completed', recordsImported: 3 });
  const { namespaces } = await index.describeIndexStats();
  expect(namespaces).toEqual({ __default__: { recordCount: 2 }, old: { recordCount: 1 } });
  const { records } = await index.fetch({ ids: ['a2'] });
  expect(records['a2']).toMatchObject({ values: [1, 2], metadata: { of: 'a2' } });
  expect(await run(`s3://${BUCKET}/films/2026/old/deep/c.parquet`)).toMatchObject({ status: 'Completed', recordsImported: 1 });
  expect(await run(`s3://${BUCKET}/films/2026/none`)).toMatchObject({ status: 'Failed', error: 'there are no Parquet files' });
  expect(await run(`s3://${BUCKET}/films/2026/none.parquet`)).toMatchObject({
    status: 'Failed',
    error: expect.stringContaining('the endpoint refused: NotFound'),
  });
  for (const uri of [
    `s3://${BUCKET}`,
    `s3://${BUCKET}/films`,
    `s3://${BUCKET}/films/2026-secret`,
    `s3://${BUCKET}/films/2026/../../other`,
    `s3://${BUCKET}/films/2026/./old`,
    `s3://${BUCKET}/films/2026//old`,
    `s3://${BUCKET}/films/2026/old\n`,
    's3://other/films/2026',
    's3://127.0.0.1:9000/films/2026',
    `s3://user@${BUCKET}/films/2026`,
    `S3://${BUCKET}/films/2026`,
    `${endpoint}/${BUCKET}/films/2026`,
    'file:///etc',
  ])
    await expect(index.startImport({ uri }), uri).rejects.toMatchObject({ name: 'PineconeBadRequestError' });
});

describe('a bucket', () => {
  // The server cannot give a second page (its token needs DES, which OpenSSL 3 no longer has), so this one does.
  it('is listed over several pages, up to a bound', async () => {
    const TOKEN = 'next/page+1=';
    const asked: (string | null)[] = [];
    const pages = createServer((request, reply) => {
      const query = new URL(request.url!, 'http://s3').searchParams;
      asked.push(query.get('continuation-token'));
      const first = asked.at(-1) === null;
      const keys = first ? ['many/', 'many/a.parquet', 'many/b &amp; c.parquet'] : ['many/d.parquet'];
      const more = first ? `<IsTruncated>true</IsTruncated><NextContinuationToken>${TOKEN}</NextContinuationToken>` : '';
      const contents = keys.map((key) => `<Contents><Key>${key}</Key></Contents>`).join('');
      reply.setHeader('content-type', 'application/xml').end(`<ListBucketResult>${more}${contents}</ListBucketResult>`);
    });
    await once(pages.listen(0, '127.0.0.1'), 'listening');
    onTestFinished(async () => {
      pages.closeAllConnections();
      pages.close();
    });
    const url = `http://127.0.0.1:${(pages.address() as AddressInfo).port}`;
    const list = (most: number) => openBucket(BUCKET, access({ url }), most).keys('many/', signal);
    expect(await list(3)).toEqual(['many/a.parquet', 'many/b & c.parquet', 'many/d.parquet']);
    expect(asked).toEqual([null, TOKEN]);
    await expect(list(2)).rejects.toMatchObject({ code: 'SOURCE_RESPONSE', message: expect.stringMatching(/more than 2/) });
  });

  it('is read in parts, of one version of the object', async () => {
    await put(
      'parts/a',
      Uint8Array.from({ length: 300 }, (_, at) => at % 256),
    );
    const bucket = openBucket(BUCKET, access({ url: strict }));
    const { byteLength, slice } = await bucketBuffer(bucket, 'parts/a', signal);
    expect(byteLength).toBe(300);
    const part = async (from: number, to?: number) => [...new Uint8Array(await slice(from, to))];
    expect(await part(254, 258)).toEqual([254, 255, 0, 1]);
    expect(await part(-2)).toEqual([42, 43]);
    expect(await part(298, 400)).toEqual([42, 43]);
    expect(await part(300)).toEqual([]);
    await put('parts/a', new Uint8Array(300));
    await expect(slice(0, 1)).rejects.toMatchObject({ code: 'SOURCE_RESPONSE' });
  });

  it('says why it cannot be read, without words of the endpoint', async () => {
    await put('secret', 'x');
    const wrong = openBucket(BUCKET, access({ url: strict, secret: 'wrong' }));
    await expect(wrong.read('secret', '""', 0, 1, signal)).rejects.toMatchObject({
      code: 'SOURCE_RESPONSE',
      message: `s3://${BUCKET}/secret: the endpoint refused: SignatureDoesNotMatch`,
    });
    const keys = (of: Parameters<typeof access>[0], name = BUCKET) => openBucket(name, access(of)).keys('', signal);
    await expect(keys({ id: 'nobody' })).rejects.toThrow('the endpoint refused: InvalidAccessKeyId');
    await expect(keys({}, 'none-such')).rejects.toThrow('the endpoint refused: NoSuchBucket');
    await expect(keys({ url: 'http://127.0.0.1:1' })).rejects.toMatchObject({
      code: 'SOURCE_UNREACHABLE',
      message: expect.stringMatching(/cannot be reached$/),
    });
    await expect(openBucket(BUCKET, access()).keys('', AbortSignal.abort())).rejects.toThrow();
  });
});

describe('--imports', () => {
  it.each<[string, Record<string, string | undefined>, RegExp]>([
    [`s3://${BUCKET}`, { AWS_ACCESS_KEY_ID: undefined }, /AWS_ACCESS_KEY_ID/],
    [`s3://${BUCKET}`, { AWS_ENDPOINT_URL: '127.0.0.1:9000' }, /AWS_ENDPOINT_URL/],
    [`s3://${BUCKET}`, { AWS_ENDPOINT_URL_S3: 'ftp://127.0.0.1' }, /AWS_ENDPOINT_URL/],
    ['s3://', {}, /neither a folder nor/],
    ['s3://Upper/a', {}, /neither a folder nor/],
    [`s3://${BUCKET}/a/../b`, {}, /neither a folder nor/],
    [`S3://${BUCKET}`, {}, /neither a folder nor/],
  ])('%s with %o is refused at the start', async (place, change, message) => {
    await expect(importPlaces([place], { ...env, ...change })).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringMatching(message),
    });
  });
});
