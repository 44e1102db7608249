/**
 * Reads the body of a response up to a bound: a server that is not trusted, or gone wrong, must not fill the memory.
 * What is over the bound is not read. By a reader, because not every browser iterates streams.
 *
 * @param bytesMax longest body that is returned, in bytes
 * @param tooLong makes the error of a longer one
 * @throws what `tooLong` makes; what the stream fails with
 */
export async function readBody(
  { body }: Pick<Response, 'body'>,
  bytesMax: number,
  tooLong: () => Error,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const reader = body?.getReader();
  for (let read = await reader?.read(); read?.done === false; read = await reader?.read()) {
    bytes += read.value.length;
    if (bytes > bytesMax) {
      await reader?.cancel();
      throw tooLong();
    }
    chunks.push(read.value);
  }
  return joined(chunks, bytes);
}

function joined(chunks: readonly Uint8Array[], bytes: number): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
