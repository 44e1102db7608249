import { mutateBytes, mutateJson, mutateText } from '../mutate.ts';
import type { Random } from '../random.ts';
import type { Sent } from '../send.ts';
import type { Sample } from './types.ts';

const BOUNDARY = 'fuzz-boundary';
const JSON_TYPES = [
  'application/json; charset=utf-8',
  'application/json; charset=utf-16',
  'Application/JSON',
  'application/vnd.api+json',
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data',
  'multipart/form-data; boundary=',
  'application/x-ndjson',
  '*/*',
  ';',
];
const ENCODINGS = ['gzip', 'br', 'identity', 'deflate, gzip', 'x'];
const ODD_ENDS = ['%00', '%ff', '%', '//', '/../', '?', '?q=', '&&', '%2e%2e%2f', '?ids=%80', '#', `/${'a'.repeat(3_000)}`];

/** Some request, made from one that its route accepts. */
export interface Drawn extends Sent {
  /** Method and path are those of the route. */
  onRoute: boolean;
}

/** @param sample with nothing left to fill in */
export function drawRequest(random: Random, method: string, sample: Sample, headers: Readonly<Record<string, string>>): Drawn {
  const keepsPath = random.chance(0.9);
  const keepsMethod = random.chance(0.98);
  const sentMethod = keepsMethod
    ? method
    : random.pick(['PUT', 'HEAD', 'OPTIONS', 'GET', 'POST', 'DELETE', 'PATCH', 'TRACE'] as const);
  const drawn = keepsPath ? sample.path : oddPath(random, sample.path);
  const onRoute = keepsPath && keepsMethod;
  // A part of a path may name what later requests need.
  const path = sentMethod === 'DELETE' && !onRoute ? drawn.replaceAll(/vectors|texts|vs_|file-/g, 'none') : drawn;
  const usual = bodyOf(sample);
  const valid = random.chance(0.25);
  const body = valid ? usual : oddBody(random, sample, usual);
  const type = body?.type === undefined ? {} : { 'content-type': body.type };
  const odd = valid ? {} : oddHeaders(random);
  return {
    method: sentMethod,
    path,
    headers: { ...sample.headers, ...type, ...odd, ...headers },
    body: body?.bytes,
    chunked: body !== undefined && random.chance(0.05),
    onRoute,
  };
}

interface Body {
  bytes: string | Buffer;
  type?: string;
}

/** The body of a sample, as its route accepts it. */
export function bodyOf({ body, lines, form }: Sample): Body | undefined {
  if (body !== undefined) return { bytes: JSON.stringify(body), type: 'application/json' };
  if (lines !== undefined) return { bytes: lines.text, type: lines.type };
  if (form === undefined) return undefined;
  const part = (head: string, text: string) => `--${BOUNDARY}\r\ncontent-disposition: form-data; ${head}\r\n\r\n${text}\r\n`;
  const fields = Object.entries(form.fields).map(([name, value]) => part(`name="${name}"`, value));
  const file = part(`name="file"; filename="${form.name}"`, form.text);
  return { bytes: `${fields.join('')}${file}--${BOUNDARY}--\r\n`, type: `multipart/form-data; boundary=${BOUNDARY}` };
}

function oddBody(random: Random, { body, lines, form }: Sample, usual: Body | undefined): Body | undefined {
  const kind = random.below(20);
  if (usual === undefined) return kind > 1 ? undefined : { bytes: mutateJson(random, { a: 1 }), type: 'application/json' };
  if (kind === 0) return undefined;
  if (kind === 1) return { bytes: random.bytes(random.below(500)), ...(random.chance(0.5) ? { type: usual.type! } : {}) };
  if (kind === 2) return { bytes: usual.bytes, type: random.pick(JSON_TYPES) };
  if (kind === 3) return { ...usual, bytes: mutateBytes(random, Buffer.from(usual.bytes)) };
  if (kind === 4)
    return { ...usual, bytes: Buffer.from(`\u{feff}${usual.bytes.toString()}`, random.chance(0.5) ? 'utf8' : 'utf16le') };
  if (body !== undefined) return { ...usual, bytes: mutateJson(random, body).slice(0, 200_000) };
  if (form !== undefined) return { ...usual, bytes: mutateText(random, usual.bytes.toString()) };
  const [first = '', ...rest] = lines!.text.split('\n');
  const json = first.startsWith('{') && random.chance(0.7);
  return {
    ...usual,
    bytes: json ? [mutateJson(random, JSON.parse(first)), ...rest].join('\n') : mutateText(random, lines!.text),
  };
}

function oddHeaders(random: Random): Record<string, string> {
  const kind = random.below(30);
  if (kind === 0) return { 'content-encoding': random.pick(ENCODINGS) };
  if (kind === 1) return { accept: random.pick(['application/x-ndjson', 'text/html', '', '\u{ff}']) };
  if (kind === 2) return { 'x-forwarded-proto': random.pick(['https', 'ftp']), 'x-forwarded-host': 'evil.example' };
  if (kind === 3) return { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
  return kind === 4 ? { 'accept-encoding': 'gzip', range: 'bytes=0-1', 'if-none-match': '*' } : {};
}

/** Still a path that a client library sends. */
function oddPath(random: Random, path: string): string {
  const changed = random.chance(0.4) ? path + random.pick(ODD_ENDS) : mutateText(random, path);
  return `/${changed.replace(/[^!-~]/g, '').replace(/^\/+/, '')}`;
}
