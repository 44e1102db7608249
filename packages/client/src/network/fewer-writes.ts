import type { ConnectionEncrypter, Stream } from '@libp2p/interface';

/** The parts of libp2p's connections and streams that are used here. They are not in its types. */
interface Sender {
  readonly socket: { cork(): void; uncork(): void };
  sendData(data: unknown): unknown;
}
interface YamuxStream {
  /** Bytes that the peer may still send. */
  readonly recvWindowCapacity: number;
  /** Bytes that it may send at most. */
  readonly recvWindow: number;
  sendWindowUpdate(): void;
}

/**
 * Makes connections send what they are given within one turn as one piece. libp2p writes the header of a yamux frame
 * and its body each on its own; TLS makes a record of each, and the peer wakes up for each.
 *
 * @param make the encrypter of libp2p
 * @throws TypeError at the first connection, when libp2p's parts are not as they were
 */
export function joiningWrites<Components>(
  make: (components: Components) => ConnectionEncrypter,
): (components: Components) => ConnectionEncrypter {
  return (components) => {
    const encrypter = make(components);
    for (const direction of ['secureInbound', 'secureOutbound'] as const) {
      const secure = encrypter[direction].bind(encrypter);
      encrypter[direction] = async (plain, options) => {
        const secured = await secure(plain, options);
        joinWrites(secured.connection as unknown as Sender);
        joinWrites(plain as unknown as Sender);
        return secured;
      };
    }
    return encrypter;
  };
}

function joinWrites(connection: Sender): void {
  const { socket } = connection;
  if (typeof socket?.cork !== 'function' || typeof connection.sendData !== 'function')
    throw new TypeError('a connection of libp2p has no socket that joins writes');
  const send = connection.sendData.bind(connection);
  let joining = false;
  connection.sendData = (data) => {
    if (!joining) {
      joining = true;
      socket.cork();
      process.nextTick(() => {
        joining = false;
        socket.uncork();
      });
    }
    return send(data);
  };
}

/**
 * Makes a stream tell its peer that there is room when half of it is used. Yamux tells it after every frame, which
 * wakes the peer for nothing.
 *
 * @throws TypeError when libp2p's parts are not as they were
 */
export function saveWindowUpdates(stream: Stream): void {
  const yamux = stream as unknown as YamuxStream;
  if (typeof yamux.recvWindow !== 'number' || typeof yamux.recvWindowCapacity !== 'number')
    throw new TypeError('a stream of libp2p has no receive window');
  const update = yamux.sendWindowUpdate.bind(yamux);
  let first = true; // it also acknowledges the stream
  yamux.sendWindowUpdate = () => {
    if (!first && yamux.recvWindowCapacity * 2 >= yamux.recvWindow) return;
    first = false;
    update();
  };
}
