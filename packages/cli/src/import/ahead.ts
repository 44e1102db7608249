/**
 * Reads one item ahead, so that the next page is fetched while the present one is written.
 *
 * @param abandon stops the read in progress when the caller wants no more
 */
export async function* ahead<T>(items: AsyncGenerator<T>, abandon: () => void): AsyncGenerator<T> {
  let next = held(items.next());
  try {
    for (let result = await next; result.done !== true; result = await next) {
      next = held(items.next());
      yield result.value;
    }
  } finally {
    abandon();
    await next.catch(() => undefined);
    await items.return(undefined);
  }
}

/** A failure is thrown where the promise is awaited, and is not unhandled until then. */
function held<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}
