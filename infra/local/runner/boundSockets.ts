import type { Socket } from 'node:net';

/** Sockets that are in the same state. */
export interface BoundSockets {
  readonly add: (socket: Socket) => void;
  readonly remove: (socket: Socket) => void;
  readonly destroyAll: () => void;
}

/**
 * Keeps at most so many sockets in a state. The one that is in it for longest is destroyed first: `maxConnections` of a server would
 * turn away the newest, who may be the one that asks for the health.
 */
export function boundSockets(atMost: number, onDropped: () => void = () => {}): BoundSockets {
  // A set keeps the order in which its members came.
  const sockets = new Set<Socket>();
  return {
    add: (socket) => {
      if (socket.destroyed) {
        return;
      }
      sockets.add(socket);
      const [longest] = sockets;
      if (sockets.size > atMost && longest !== undefined) {
        sockets.delete(longest);
        longest.destroy();
        onDropped();
      }
    },
    remove: (socket) => void sockets.delete(socket),
    destroyAll: () => {
      for (const socket of sockets) {
        socket.destroy();
      }
    },
  };
}
