// The published clients of Pinecone behind one interface. Majors differ in how a call is written, not in what it does.

/** A client's reply. Tests state its form. */
export type Reply = Promise<unknown>;
type Call = (...parameters: unknown[]) => Reply;
type Face = Readonly<Record<string, Call>>;

/** A client of one major with the calls that the majors write differently. */
export interface Driver {
  readonly major: number;
  /** Address of the node. */
  readonly url: string;
  /** The client itself. */
  readonly client: Face & { readonly inference: Face };
  index(name: string, namespace?: string): IndexDriver;
}

export interface IndexDriver {
  /** The client's own index. */
  readonly face: Face;
  upsert(records: readonly object[]): Reply;
  fetch(ids: readonly string[]): Reply;
  deleteOne(id: string): Reply;
  deleteMany(what: readonly string[] | { filter: object }): Reply;
  upsertRecords(records: readonly object[]): Reply;
}

export const MAJORS = [3, 4, 5, 6, 7, 8, 9] as const;

interface Package {
  Pinecone: new (options: object) => Driver['client'] & { index(...parameters: unknown[]): unknown };
}

/** Opens an unmodified client. The name of its package is computed, because their types would not help here. */
export async function openPinecone(
  major: number,
  controllerHostUrl: string,
  apiKey: string,
  options: object = {},
): Promise<Driver> {
  const { Pinecone } = (await import(`pinecone-${major}`)) as Package;
  const client = new Pinecone({ apiKey, controllerHostUrl, ...options });
  return {
    major,
    url: controllerHostUrl,
    client,
    index(name, namespace) {
      const whole = (major >= 7 ? client.index({ name }) : client.index(name)) as unknown as Face;
      const face = namespace === undefined ? whole : (whole['namespace']!(namespace) as unknown as Face);
      const call = (method: string, ...parameters: unknown[]): Reply => face[method]!(...parameters);
      // From 7 on, each call takes one object.
      const late = major >= 7;
      return {
        face,
        upsert: (records) => call('upsert', late ? { records } : records),
        fetch: (ids) => call('fetch', late ? { ids } : ids),
        deleteOne: (id) => call('deleteOne', late ? { id } : id),
        deleteMany(what) {
          if (!Array.isArray(what)) return call('deleteMany', late ? what : (what as { filter: object }).filter);
          return call('deleteMany', late ? { ids: what } : what);
        },
        upsertRecords: (records) => call('upsertRecords', late ? { records } : records),
      };
    },
  };
}

/** Something that clients do, from one major version on. */
export interface Operation {
  name: string;
  /** The first major that has it. */
  since: number;
  run(driver: Driver, names: Names): Promise<void>;
}

/** Indexes that the operations create and remove. */
export interface Names {
  vectors: string;
  texts: string;
  /** Address of a folder whose files can be imported. */
  imports: string;
}

/** The records of a fetch, as clients return them. */
export const recordsOf = (reply: unknown) =>
  (reply as { records: Record<string, { values: number[]; metadata?: object }> }).records;
