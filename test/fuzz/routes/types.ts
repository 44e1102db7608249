/**
 * A request that a route accepts. `{name}` in the path and in strings of the body stands for something that is there
 * (see `Places`).
 */
export interface Sample {
  path: string;
  body?: object;
  /** The body is this text. */
  lines?: { type: string; text: string };
  /** The body is a form with these fields and a file. */
  form?: { fields: Readonly<Record<string, string>>; name: string; text: string };
  headers?: Readonly<Record<string, string>>;
}

/** Samples by method and pattern of their route, as `GET /v1/indexes/:name`. */
export type Table = Readonly<Record<string, readonly Sample[]>>;

/** What samples may name. */
export const PLACES = [
  'vectors',
  'texts',
  'other',
  'otherId',
  'receipt',
  'model',
  'reranker',
  'store',
  'file',
  'batch',
  'backup',
  'imports',
  'question',
] as const;
/** Made for one request, and gone after it. */
export const SPARES = ['spareIndex', 'spareStore', 'spareFile'] as const;
export type Spare = (typeof SPARES)[number];
export type Places = Readonly<Record<(typeof PLACES)[number], string>>;
