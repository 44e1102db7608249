import { z } from 'zod';
import { modelLanguagesMax, namespaceBytesMax, recordIdBytesMax } from './limits.ts';

const BASE64URL = /^[A-Za-z0-9_-]*$/;
const LAST_BITS: Record<number, RegExp> = { 2: /[AQgw]$/, 3: /[AEIMQUYcgkosw048]$/ };

/** Unpadded base64url whose unused last bits are zero, so that one byte string has one spelling (RFC 4648 §3.5). */
export function isCanonicalBase64url(value: string): boolean {
  const rest = value.length % 4;
  return rest !== 1 && BASE64URL.test(value) && (rest === 0 || LAST_BITS[rest]!.test(value));
}

export const base64url = z.string().refine(isCanonicalBase64url, 'must be canonical unpadded base64url');
/** 16 bytes as base64url. */
export const bytes16 = base64url.length(22);
/** 32 bytes as base64url. */
export const bytes32 = base64url.length(43);
/** SHA-256 or Keccak-256 as 64 lower-case hex digits. */
export const hash = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hex digits');
/** 65-byte secp256k1 signature r, s, v as 130 lower-case hex digits. */
export const secp256k1Signature = z.string().regex(/^[0-9a-f]{130}$/, 'must be 130 lower-case hex digits');
/** 64-byte Ed25519 signature as base64url. */
export const ed25519Signature = base64url.length(86);
/** EVM address, 40 lower-case hex digits after 0x. */
export const address = z.string().regex(/^0x[0-9a-f]{40}$/, 'must be 0x and 40 lower-case hex digits');
/** did:key of an Ed25519 key (W3C did:key; multicodec 0xed). */
export const did = z.string().regex(/^did:key:z6Mk[1-9A-HJ-NP-Za-km-z]{44}$/, 'must be a did:key of an Ed25519 key');
/** Money in the ledger's smallest unit, a decimal string below 2^128. */
export const amount = z
  .string()
  // Without `abort` the next check would run on any text, and BigInt throws on text that is not a number.
  .regex(/^(0|[1-9][0-9]{0,38})$/, { abort: true, error: 'must be a whole number written in decimal' })
  .refine((value) => value.length < 39 || BigInt(value) < 1n << 128n, 'must be below 2^128');
/** A count, sequence number or size. */
export const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
/** Unix time in milliseconds. */
export const timeMs = count;
/** Index name chosen by its owner (Pinecone's rule for index names). */
export const indexName = z
  .string()
  .regex(
    /^[a-z0-9]([a-z0-9-]{0,43}[a-z0-9])?$/,
    "must be 1 to 45 of a-z, 0-9 and '-', starting and ending with a letter or digit",
  );
/** Index id: name, '@', and the first 32 hex digits of SHA-256 of the owner's raw Ed25519 public key. */
export const indexId = z.string().regex(/^[a-z0-9]([a-z0-9-]{0,43}[a-z0-9])?@[0-9a-f]{32}$/, 'must be name@fingerprint');

const utf8 = new TextEncoder();
/** Length of a string in UTF-8 bytes. */
export function utf8Length(value: string): number {
  return utf8.encode(value).length;
}
const wellFormed = (value: string) => value.isWellFormed();
/** Text without lone surrogates, of a bounded number of UTF-8 bytes. */
export function text(bytesMax: number) {
  return z
    .string()
    .max(bytesMax)
    .refine(wellFormed, 'must not contain lone surrogates')
    .refine((value) => value.length * 3 <= bytesMax || utf8Length(value) <= bytesMax, `must be at most ${bytesMax} UTF-8 bytes`);
}
/** Tag of BCP 47: language, script and region. */
const languageTag = z
  .string()
  .regex(/^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$/, "must be a language tag like 'en' or 'zh-Hant'");
/** Languages of a model. */
export const languageTags = z.array(languageTag).max(modelLanguagesMax);
/**
 * Values by freely chosen keys. The key `__proto__` is refused, because zod would drop it silently. What a caller wrote
 * must be kept or refused, never changed.
 */
export function dictionary<V extends z.ZodType>(key: z.ZodType<string, string>, value: V): Dictionary<V> {
  // All our values are required, so the type of z.record is equal to this.
  const record = z.record(key, value) as unknown as Dictionary<V>;
  return z
    .custom<Record<string, z.input<V>>>(
      (input) => typeof input !== 'object' || input === null || !Object.hasOwn(input, '__proto__'),
      "the key '__proto__' cannot be used",
    )
    .meta({ type: 'object' })
    .pipe(record);
}
type Dictionary<V extends z.ZodType> = z.ZodType<Record<string, z.output<V>>, Record<string, z.input<V>>>;

/** Record id: 1 to 512 bytes, no NUL. */
export const recordId = text(recordIdBytesMax)
  .min(1)
  .refine((value) => !value.includes('\0'), 'must not contain NUL');
/** Namespace; the empty string is the default one. */
export const namespace = text(namespaceBytesMax).refine((value) => !value.includes('\0'), 'must not contain NUL');
