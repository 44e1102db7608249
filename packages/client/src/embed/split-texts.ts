import { checkShape, embedRequest, requestBytesMax, TributaryError, utf8Length, type EmbeddingOffer } from '@tributary/schemas';
import { embedFrameBytes } from './limits.ts';

/**
 * Cuts a list of texts into requests that the offer allows. A wrong text is refused before any is paid for.
 *
 * @throws TributaryError INPUT_SHAPE; INPUT_TOO_LARGE for a text that fits in no request
 */
export function splitTexts(texts: readonly string[], { limits }: Pick<EmbeddingOffer, 'limits'>): string[][] {
  if (texts.length === 0) throw new TributaryError('INPUT_SHAPE', 'there is no text to embed');
  const parts: string[][] = [];
  let [bytes, written] = [0, 0];
  texts.forEach((text, at) => {
    checkShape(embedRequest.shape.texts.element, text, `text ${at}`);
    const [more, json] = [utf8Length(text), utf8Length(JSON.stringify(text)) + 1];
    if (more > limits.textBytes || json > requestBytesMax - embedFrameBytes)
      throw new TributaryError('INPUT_TOO_LARGE', `text ${at} has ${more} bytes, more than the provider takes; nothing was paid`);
    const part = parts.at(-1);
    const fits = bytes + more <= limits.textBytes && written + json <= requestBytesMax - embedFrameBytes;
    if (part !== undefined && part.length < limits.texts && fits) {
      part.push(text);
      [bytes, written] = [bytes + more, written + json];
    } else {
      parts.push([text]);
      [bytes, written] = [more, json];
    }
  });
  return parts;
}
