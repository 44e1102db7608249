import { TributaryError } from '@tributary/schemas';

export interface Bounds {
  /** Ends every call. */
  signal: AbortSignal;
  /** Longest wait for the head of a reply, and from one part of its body to the next, in milliseconds. */
  silentMs: number;
  /** Longest body, in bytes. */
  bytesMax: number;
}

/**
 * `fetch` for servers that may be silent, or send without an end. A reply is given as it comes, and fails once it
 * exceeds a bound.
 *
 * @throws TributaryError MODEL_NOT_FOUND
 */
export function boundedFetch({ signal, silentMs, bytesMax }: Bounds): typeof fetch {
  return async (input, init) => {
    const stop = new AbortController();
    const { host } = new URL(input instanceof Request ? input.url : input);
    /** Waits for a step of the reply; a wait that is too long ends the call. */
    const soon = async <T>(step: Promise<T>): Promise<T> => {
      const late = new TributaryError('MODEL_NOT_FOUND', `${host} sent nothing for ${silentMs / 1_000} s; try again`);
      const timer = setTimeout(() => stop.abort(late), silentMs);
      try {
        return await step;
      } finally {
        clearTimeout(timer);
      }
    };
    const reply = await soon(fetch(input, { ...init, signal: AbortSignal.any([signal, stop.signal]) }));
    if (reply.body === null) return reply;
    const bounded = new Response(limited(reply.body, soon, bytesMax, host), reply);
    // A reply that is made here has no address, which readers of redirects need.
    return Object.defineProperty(bounded, 'url', { value: reply.url });
  };
}

function limited(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  soon: <T>(step: Promise<T>) => Promise<T>,
  bytesMax: number,
  host: string,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const reader = body.getReader();
  let bytes = 0;
  return new ReadableStream({
    async pull(controller) {
      const part = await soon(reader.read());
      if (part.done) return controller.close();
      bytes += part.value.length;
      if (bytes <= bytesMax) return controller.enqueue(part.value);
      await reader.cancel();
      throw new TributaryError('MODEL_NOT_FOUND', `${host} sent more than ${bytesMax} bytes in one reply`);
    },
    cancel: (reason) => reader.cancel(reason),
  });
}
