/** A value as text; null for nothing, deleted or never written. */
export type Value = string | null;

/**
 * What must be there: of each thing the acknowledged value, or one whose write got no reply. Each thing has one writer
 * at a time.
 */
export interface Book {
  begin(key: string, value: Value): void;
  /** The write was acknowledged. */
  end(key: string): void;
  /** What may be there now. */
  allowed(key: string): readonly Value[];
  /** Notes what is there, so that later checks expect it. */
  settle(key: string, value: Value): void;
  keys(): string[];
}

export function createBook(): Book {
  const entries = new Map<string, { acknowledged: Value; open: Value[] }>();
  const entryOf = (key: string) => {
    const entry = entries.get(key) ?? { acknowledged: null, open: [] };
    entries.set(key, entry);
    return entry;
  };
  return {
    begin: (key, value) => void entryOf(key).open.push(value),
    end(key) {
      const entry = entryOf(key);
      entries.set(key, { acknowledged: entry.open.at(-1)!, open: [] });
    },
    allowed: (key) => {
      const { acknowledged, open } = entryOf(key);
      return [acknowledged, ...open];
    },
    settle: (key, value) => void entries.set(key, { acknowledged: value, open: [] }),
    keys: () => [...entries.keys()],
  };
}

/** Compares what is there with the book, and settles it. @returns what contradicts the book */
export function compare(book: Book, what: string, present: ReadonlyMap<string, string>): string[] {
  const violations: string[] = [];
  for (const key of new Set([...book.keys(), ...present.keys()])) {
    const actual = present.get(key) ?? null;
    const allowed = book.allowed(key);
    if (!allowed.includes(actual)) {
      const kind = actual === null ? 'lost' : allowed.every((value) => value === null) ? 'came back' : 'changed';
      violations.push(`${kind}: ${what} ${key} is ${actual}, expected ${allowed.join(' or ')}`);
    }
    book.settle(key, actual);
  }
  return violations;
}
