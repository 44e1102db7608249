/** A map of bounded size that drops the least recently used entry. */
export interface Lru<Key, Value> {
  /** The value of a key, which becomes the newest. */
  get(key: Key): Value | undefined;
  /** Whether a key is there. Its age stays. */
  has(key: Key): boolean;
  set(key: Key, value: Value): void;
  delete(key: Key): void;
  clear(): void;
  /** Drops the oldest entries until the rest weighs at most `weightMost`. */
  trim(weightMost: number): void;
  readonly size: number;
  /** Sum of the weights of all entries. */
  readonly weight: number;
}

/** An entry between the one that was used before it and the one that was used after it. */
interface Entry<Key, Value> {
  readonly key: Key;
  readonly value: Value;
  readonly weight: number;
  older: Entry<Key, Value> | null;
  newer: Entry<Key, Value> | null;
}

/**
 * An empty {@link Lru} with a total weight of at most `weightMax`. An entry that is heavier on its own is not kept. The
 * default weight is 1.
 *
 * A list in the order of use runs through the entries. The order of a Map would say the same, but a key that is removed
 * and added again leaves a gap there, and gaps are skipped one by one until the Map is built anew.
 */
export function createLru<Key, Value>(weightMax: number, weightOf: (value: Value) => number = () => 1): Lru<Key, Value> {
  const entries = new Map<Key, Entry<Key, Value>>();
  const order = createOrder<Key, Value>();
  let weight = 0;
  const remove = (entry: Entry<Key, Value>): void => {
    order.remove(entry);
    entries.delete(entry.key);
    weight -= entry.weight;
  };
  const removeKey = (key: Key): void => {
    const entry = entries.get(key);
    if (entry !== undefined) remove(entry);
  };
  const trim = (weightMost: number): void => {
    for (let oldest = order.oldest(); weight > weightMost && oldest !== null; oldest = order.oldest()) remove(oldest);
  };
  return {
    get size() {
      return entries.size;
    },
    get weight() {
      return weight;
    },
    get(key) {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      order.remove(entry);
      order.add(entry);
      return entry.value;
    },
    has: (key) => entries.has(key),
    set(key, value) {
      removeKey(key);
      const entry: Entry<Key, Value> = { key, value, weight: weightOf(value), older: null, newer: null };
      if (entry.weight > weightMax) return;
      entries.set(key, entry);
      order.add(entry);
      weight += entry.weight;
      trim(weightMax);
    },
    delete: removeKey,
    clear() {
      entries.clear();
      order.clear();
      weight = 0;
    },
    trim,
  };
}

/** Entries in the order of their last use. */
function createOrder<Key, Value>() {
  let oldest: Entry<Key, Value> | null = null;
  let newest: Entry<Key, Value> | null = null;
  return {
    oldest: () => oldest,
    /** Adds an entry as the newest. */
    add(entry: Entry<Key, Value>): void {
      entry.older = newest;
      entry.newer = null;
      if (newest === null) oldest = entry;
      else newest.newer = entry;
      newest = entry;
    },
    remove({ older, newer }: Entry<Key, Value>): void {
      if (older === null) oldest = newer;
      else older.newer = newer;
      if (newer === null) newest = older;
      else newer.older = older;
    },
    clear(): void {
      oldest = null;
      newest = null;
    },
  };
}
