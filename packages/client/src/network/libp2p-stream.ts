import type { Stream } from '@libp2p/interface';
import { streamWindowBytes, streamReadBytesMax, streamCloseMs } from './limits.ts';
import type { ByteStream } from '../link/types.ts';

/** Yamux settings under which a paused stream is not reset: by default its window outgrows libp2p's read buffer. */
export const yamuxStreamOptions = { maxStreamWindowSize: streamWindowBytes, maxReadBufferLength: streamReadBytesMax };

/**
 * A libp2p stream as a ByteStream. Three habits of libp2p 3.3 are evened out here: its `onDrain()` promise stays
 * resolved after the first drain, so the event itself is awaited while `writableNeedsDrain` holds; its `pause()` is
 * undone when called while data is being delivered, so it is put off to the next turn; and closing waits for the peer
 * without any bound.
 */
export function libp2pByteStream(stream: Stream): ByteStream {
  let plannedPause: NodeJS.Immediate | undefined;
  let closeTimer: NodeJS.Timeout | undefined;

  const open = () => stream.status === 'open';
  return {
    write(bytes) {
      // A stream that broke tells its listeners itself; until they hear of it there is nothing to write to.
      if (stream.writeStatus !== 'writable') return false;
      try {
        stream.send(bytes);
      } catch (error) {
        stream.abort(error as Error);
        return false;
      }
      return !stream.writableNeedsDrain;
    },
    onDrain(listener) {
      // The stream's own listener sends what it still holds in a microtask planned before this one.
      stream.addEventListener('drain', () =>
        queueMicrotask(() => {
          if (!stream.writableNeedsDrain) listener();
        }),
      );
    },
    onData(listener) {
      stream.addEventListener('message', ({ data }) => {
        if (data instanceof Uint8Array) listener(data);
        else for (const chunk of data) listener(chunk);
      });
    },
    pause() {
      plannedPause ??= setImmediate(() => {
        plannedPause = undefined;
        if (open()) stream.pause();
      });
    },
    resume() {
      if (plannedPause !== undefined) clearImmediate(plannedPause);
      plannedPause = undefined;
      if (open()) stream.resume();
    },
    close() {
      closeTimer ??= setTimeout(() => stream.abort(new Error('the peer did not end the stream in time')), streamCloseMs);
      stream.close().catch((error: Error) => stream.abort(error));
    },
    abort: (error) => stream.abort(error),
    onClose(listener) {
      stream.addEventListener('close', ({ error }) => {
        clearTimeout(closeTimer);
        listener(error);
      });
      // The peer wrote its last byte: no reply can come any more.
      stream.addEventListener('remoteCloseWrite', () => {
        stream.close().catch((error: Error) => stream.abort(error));
        listener();
      });
      if (!open()) queueMicrotask(listener);
    },
  };
}
