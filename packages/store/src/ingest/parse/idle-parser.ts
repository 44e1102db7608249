import { openParser, type DocumentParser } from './parse.ts';

/**
 * A parser for files that come one by one. Its workers take a while to start and hold memory, so they are kept until no
 * file came for `idleMs`.
 */
export function openIdleParser(idleMs: number, open: () => DocumentParser = openParser): DocumentParser {
  let parser: DocumentParser | null = null;
  let parsing = 0;
  let timer: NodeJS.Timeout | undefined;
  const close = async (): Promise<void> => {
    clearTimeout(timer);
    const closing = parser;
    parser = null;
    await closing?.close();
  };
  return {
    async parse(file, options) {
      clearTimeout(timer);
      parsing += 1;
      parser ??= open();
      try {
        return await parser.parse(file, options);
      } finally {
        parsing -= 1;
        if (parsing === 0 && parser !== null) timer = setTimeout(() => void close(), idleMs).unref();
      }
    },
    close,
  };
}
