import type { ApiKeyRecord, ApiKeyTerms, Permission } from '@tributary/schemas';
import type { Reservation } from './budgets.ts';

/** Who calls: the holder of a key, or anybody while the node has no keys. */
export interface Caller {
  /** Public id of the key; null while the node needs none. */
  readonly key: string | null;
  /** did:key of the writer that the key writes as. */
  readonly writer: string | null;
  /**
   * Checks a permission and, if given, that it extends to an index: name@fingerprint, or the name of an own index.
   *
   * @throws RelayError API_KEY_SCOPE
   */
  require(permission: Permission, index?: string): void;
  /**
   * The same for a name as a caller gave it, before the owner of the index is known.
   *
   * @throws RelayError API_KEY_SCOPE
   */
  requireNamed(permission: Permission, index: string): void;
  /** True when the key may use this index (name@fingerprint) in any way. */
  covers(index: string): boolean;
  /**
   * Sets aside the most that a question may cost, before it is asked.
   *
   * @throws RelayError API_KEY_BUDGET; StoreError DISK_WRITE
   */
  reserve(most: bigint): Promise<Reservation>;
  /** What the budget leaves for more questions; null: no bound. */
  left(): bigint | null;
}

/** A key as it is shown: everything but the hash, plus what it spent and its state. */
export interface ApiKeyInfo extends Omit<ApiKeyRecord, 'hash'> {
  state: 'active' | 'expired' | 'revoked';
  /** Amounts in decimal. */
  spent: { total: string; today: string };
}

/** A key that was just created or rotated. This is the only time that its token is shown. */
export interface ShownKey {
  key: string;
  info: ApiKeyInfo;
}

/** The API keys of a node. */
export interface ApiKeys {
  /** False until the first key is created. From then on callers need a key, even when all are revoked. */
  needed(): boolean;
  list(): ApiKeyInfo[];
  /**
   * Every method below resolves once the change is on disk.
   *
   * @throws RelayError API_KEY_UNKNOWN, CONFIG; TributaryError DISK_WRITE
   */
  create(terms: ApiKeyTerms): Promise<ShownKey>;
  /** Gives a key a new secret. The old one stops working at once. */
  rotate(id: string): Promise<ShownKey>;
  /** Revokes a key at once and for good. Repeating it is allowed. */
  revoke(id: string): Promise<ApiKeyInfo>;
  /**
   * The caller that sent this token; null: no token was sent. The call counts against the rate of the key.
   *
   * @throws RelayError API_KEY_NEEDED, API_KEY_INVALID, RATE_LIMITED
   */
  authenticate(token: string | null): Caller;
  close(): Promise<void>;
}
