/** A map of bounded size that drops the least recently used entry. */
export interface Lru<Key, Value> {
  get(key: Key): Value | undefined;
  set(key: Key, value: Value): void;
  delete(key: Key): void;
  clear(): void;
  readonly size: number;
  /** Sum of the weights of all entries. */
  readonly weight: number;
}

/**
 * An empty {@link Lru} with a total weight of at most `weightMax`. An entry that is heavier on its own is not kept. The
 * default weight is 1.
 */
export function createLru<Key, Value>(weightMax: number, weightOf: (value: Value) => number = () => 1): Lru<Key, Value> {
  // A Map keeps insertion order, so removing an entry and adding it again makes it the newest.
  const entries = new Map<Key, Value>();
  let weight = 0;
  const remove = (key: Key): void => {
    const value = entries.get(key);
    if (value === undefined) return;
    entries.delete(key);
    weight -= weightOf(value);
  };
  return {
    get size() {
      return entries.size;
    },
    get weight() {
      return weight;
    },
    get(key) {
      const value = entries.get(key);
      if (value === undefined) return undefined;
      entries.delete(key);
      entries.set(key, value);
      return value;
    },
    delete: remove,
    clear() {
      entries.clear();
      weight = 0;
    },
    set(key, value) {
      remove(key);
      if (weightOf(value) > weightMax) return;
      entries.set(key, value);
      weight += weightOf(value);
      for (const oldest of entries.keys()) {
        if (weight <= weightMax) return;
        remove(oldest);
      }
    },
  };
}
