/** One process from its start to its end. In a dead process no promise settles any more, so it does nothing. */
export interface Life {
  readonly dead: boolean;
  end(): void;
  /** The promise, which settles only while the process lives. */
  alive<Result>(promise: Promise<Result>): Promise<Result>;
  never(): Promise<never>;
}

export function createLife(): Life {
  let dead = false;
  const never = (): Promise<never> => new Promise(() => undefined);
  return {
    get dead() {
      return dead;
    },
    end: () => void (dead = true),
    alive: (promise) =>
      promise.then(
        (result) => (dead ? never() : result),
        (error: unknown) => {
          if (dead) return never();
          throw error;
        },
      ),
    never,
  };
}
