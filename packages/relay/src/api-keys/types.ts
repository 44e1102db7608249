import type { ApiKeyRecord, ApiKeyTerms, Permission } from '@tributary/schemas';
import type { Reservation } from './budgets.ts';

/** Who calls: the holder of a key, or anybody while there is none. */
export interface Caller {
  /** Public id of the key; null while no key is needed. */
  readonly key: string | null;
  /** did:key of the writer for whom the key writes. */
  readonly writer: string | null;
  /**
   * Checks a permission and, with it, an index given as name@fingerprint, or as a name of this node's own.
   *
   * @throws RelayError API_KEY_SCOPE
   */
  require(permission: Permission, index?: string): void;
  /**
   * The same for a name as a caller gave it, of which it is not known yet whose index it means.
   *
   * @throws RelayError API_KEY_SCOPE
   */
  requireNamed(permission: Permission, index: string): void;
  /** True when the key may use that index, name@fingerprint, at all. */
  covers(index: string): boolean;
  /**
   * Sets aside what a question may cost, before it is asked.
   *
   * @throws RelayError API_KEY_BUDGET; StoreError DISK_WRITE
   */
  reserve(most: bigint): Promise<Reservation>;
}

/** A key as it is shown: everything but the hash, what it spent, and whether it can be used. */
export interface ApiKeyInfo extends Omit<ApiKeyRecord, 'hash'> {
  state: 'active' | 'expired' | 'revoked';
  /** Amounts, decimal. */
  spent: { total: string; today: string };
}

/** A key that was just made or rotated: the token is shown here and never again. */
export interface ShownKey {
  key: string;
  info: ApiKeyInfo;
}

/** The API keys of a node. */
export interface ApiKeys {
  /** False until the first key was made; then callers need one, also when all were revoked. */
  needed(): boolean;
  list(): ApiKeyInfo[];
  /**
   * All of them resolve once the change is on disk.
   *
   * @throws RelayError API_KEY_UNKNOWN, CONFIG; TributaryError DISK_WRITE
   */
  create(terms: ApiKeyTerms): Promise<ShownKey>;
  /** Gives a key a new secret; the old one is refused at once. */
  rotate(id: string): Promise<ShownKey>;
  /** Ends a key at once and for good. May be repeated. */
  revoke(id: string): Promise<ApiKeyInfo>;
  /**
   * Who sent this token; null: none was sent. Counts against the rate of the key.
   *
   * @throws RelayError API_KEY_NEEDED, API_KEY_INVALID, RATE_LIMITED
   */
  authenticate(token: string | null): Caller;
  close(): Promise<void>;
}
