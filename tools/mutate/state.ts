// Which mutant is on, in the process that runs the tests.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';

/** Turns of loops and passes of mutated places that a test may take with a mutant on; above what quick tests take. */
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

/** Stands for the maps in which modules remember results: what one mutant got must not be told to another. */
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
    // The constructor of Map calls this before there is a field.
    if (#of in this) this.#current();
    return super.set(key, value);
  }
}

export interface Mutation {
  active: string | null;
  /** Mutants that the test under way has come across. */
  readonly met: Set<string>;
  turns: number;
  mutant(id: string): boolean;
  tick(): true;
  readonly Map: typeof ForgetfulMap;
}

/** One for the process: runner and tests load this file by different loaders. */
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
