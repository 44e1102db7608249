/** One change of a batch; a value of null deletes. */
export interface RowOperation {
  key: Buffer;
  value: Uint8Array | null;
}

/** Bounds of keys, in byte order. */
export interface RowRange {
  readonly gte: Buffer;
  readonly lt: Buffer;
}

export interface RowReader {
  /**
   * Synchronous, so that an answer can be built in one turn.
   *
   * @throws RowsError `damaged` when the row is not as it was written
   */
  get(key: Buffer): Buffer | undefined;
  /** Rows in order of their keys. @throws RowsError `damaged` */
  scan(range: RowRange, limit?: number): AsyncGenerator<[key: Buffer, value: Buffer]>;
}

/** The rows at the moment the snapshot was taken. */
export interface RowSnapshot extends RowReader {
  /** Keeps the snapshot readable after `close`, until the returned function is called. */
  hold(): () => void;
  close(): void;
}

/** An ordered key-value store in a folder. Each row has a checksum over key and value, which every read verifies. */
export interface Rows extends RowReader {
  /** True on a file system that is read-only: every write is refused. */
  readonly readOnly: boolean;
  /**
   * Makes all changes or none. With `sync`, the default, they survive a power cut, without it a kill of the process.
   *
   * @throws RowsError `disk`, either may be the case then; `read-only`
   */
  batch(operations: readonly RowOperation[], options?: { sync?: boolean }): Promise<void>;
  snapshot(): RowSnapshot;
  /**
   * Removes deleted and overwritten values from the files of the folder. Snapshots that can still see them prevent
   * that, so it waits for those that were closed and are held.
   *
   * @param renew is called before each attempt, while nobody writes: the owner may replace its open snapshots
   */
  purge(renew: () => void): Promise<void>;
  /**
   * Copies the log into the database and empties it, if nothing but the snapshots of the last commit reads it. After a
   * kill, an opening that writes nothing leaves the log in full otherwise.
   *
   * @throws RowsError `disk`, `read-only`
   */
  copyLog(): Promise<void>;
  /**
   * Reads the whole database, beside readers and writers, and says what is wrong with its structure; null for nothing.
   * A damaged index of keys can hide rows.
   */
  checkStructure(): Promise<string | null>;
  /** What a sweep of large rows has found wrong since the opening; null for nothing. Then all else is refused. */
  fault(): string | null;
  /** May be called again. */
  close(): Promise<void>;
}
