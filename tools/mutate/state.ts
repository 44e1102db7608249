// The mutant that is switched on, in the process that runs the tests.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';

/** Most loop turns and passes of mutated places in a test with a mutant on. Fast tests need fewer. */
const turnsMax = 3_000_000;

/** Ids of one kind that processes add to and later ones read. */
export function idFile(path: string): { ids: Set<string>; add(id: string): void } {
  const ids = new Set(existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : []);
  return {
    ids,
    add(id) {
      if (ids.has(id)) return;
      ids.add(id);
      appendFileSync(path, `${id}\n`);
    },
  };
}

/**
 * Replaces the maps in which modules cache results. What was computed under one mutant must not be used under another.
 */
class ForgetfulMap<K, V> extends Map<K, V> {
  #of: string | null = null;
  #current(): void {
    if (this.#of === mutationOf().active) return;
    this.#of = mutationOf().active;
    super.clear();
  }
  override get(key: K): V | undefined {
    this.#current();
    return super.get(key);
  }
  override set(key: K, value: V): this {
    // The constructor of Map calls this before the field exists.
    if (#of in this) this.#current();
    return super.set(key, value);
  }
}

export interface Mutation {
  active: string | null;
  /** Mutants that the current test has met. */
  readonly met: Set<string>;
  turns: number;
  mutant(id: string): boolean;
  tick(): true;
  readonly Map: typeof ForgetfulMap;
}

/** One per process. Runner and tests load this file by different loaders. */
export function mutationOf(): Mutation {
  const holder = globalThis as { MUTATION?: Mutation };
  return (holder.MUTATION ??= makeMutation());
}

function makeMutation(): Mutation {
  const mutation: Mutation = {
    active: null,
    met: new Set(),
    turns: 0,
    Map: ForgetfulMap,
    mutant(id) {
      if (mutation.active !== null) return mutation.tick() && mutation.active === id;
      mutation.met.add(id);
      return false;
    },
    tick() {
      if (mutation.active !== null && ++mutation.turns > turnsMax) throw new Error('the mutant runs for ever');
      return true;
    },
  };
  return mutation;
}

mutationOf();
