import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';

/** Connections on which no request was made yet. Clients open them ahead, and Node counts them as busy. */
export interface SilentSockets {
  /** Ends them, and those that come. */
  end(): void;
}

/** By the caller's end: with TLS, the socket of a request is not that of its connection. */
const nameOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`;

export function watchSilentSockets(server: Server): SilentSockets {
  const silent = new Map<string, Socket>();
  let ended = false;
  server.on('connection', (socket: Socket) => {
    if (ended) return void socket.destroy();
    const name = nameOf(socket);
    silent.set(name, socket);
    socket.once('close', () => {
      if (silent.get(name) === socket) silent.delete(name);
    });
  });
  server.on('request', ({ socket }: IncomingMessage) => silent.delete(nameOf(socket)));
  return {
    end() {
      ended = true;
      for (const socket of silent.values()) socket.destroy();
    },
  };
}
