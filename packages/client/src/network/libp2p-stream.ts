import type { Stream } from '@libp2p/interface';
import { streamWindowBytes, streamReadBytesMax, streamCloseMs } from './limits.ts';
import type { ByteStream } from '../link/types.ts';

/** Yamux settings under which a paused stream is not reset. By default the window outgrows libp2p's read buffer. */
export const yamuxStreamOptions = { maxStreamWindowSize: streamWindowBytes, maxReadBufferLength: streamReadBytesMax };

/**
 * A libp2p stream as a ByteStream. It works around three behaviours of libp2p 3.3. Its `onDrain()` promise stays
 * resolved after the first drain, so the event itself is awaited while `writableNeedsDrain` holds. Its `pause()` has no
 * effect when called while data is being delivered, so it is deferred to the next turn. And closing waits for the peer
 * without a limit.
 */
export function libp2pByteStream(stream: Stream): ByteStream {
  let plannedPause: NodeJS.Immediate | undefined;
  let closeTimer: NodeJS.Timeout | undefined;

  const open = () => stream.status === 'open';
  return {
    write(bytes) {
      // A broken stream notifies its listeners itself. Until then nothing can be written.
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
      // The stream's own listener sends what it still holds in a microtask that was queued before this one.
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
      // The peer has written its last byte, so no reply can come any more.
      stream.addEventListener('remoteCloseWrite', () => {
        stream.close().catch((error: Error) => stream.abort(error));
        listener();
      });
      if (!open()) queueMicrotask(listener);
    },
  };
}
