import type { IncomingMessage } from 'node:http';

type ReadBody =
  | {
      readonly kind: 'whole';
      readonly body: Buffer;
      /** To be called once, when nobody needs the body any more. */
      readonly release: () => void;
    }
  /** The rest is still to come, and nobody reads it. */
  | { readonly kind: 'too-large' | 'no-room' };

/** Room in memory that all bodies share, those that are still coming in and those that somebody works on. */
export interface BodyRoom {
  /**
   * Reads a whole body of at most so many bytes.
   *
   * @throws when the sender goes away or takes too long; nothing is held then.
   */
  readonly read: (request: IncomingMessage, limit: number) => Promise<ReadBody>;
}

/** What a chunk takes besides its bytes. A body in chunks of a single byte would else take hundreds of times its size. */
const chunkBytes = 512;

/** A larger body takes the room for all of it at once, so that few of them are read at a time and small ones find room beside. */
const largeBytes = 1024 * 1024;

export function openBodyRoom(bytes: number): BodyRoom {
  let taken = 0;
  return {
    read: async (request, limit) => {
      const declared = Number(request.headers['content-length'] ?? 0);
      const chunks: Buffer[] = [];
      let size = 0;
      let own = 0;
      /** Takes the room for what came so far, and for the rest of a large body; false when there is none. */
      const grow = (arrived: number): boolean => {
        const large = Math.max(declared, arrived) > largeBytes;
        const needed = Math.max(arrived, large ? declared || limit : 0, own);
        if (taken - own + needed > bytes) {
          return false;
        }
        taken += needed - own;
        own = needed;
        return true;
      };
      const release = () => {
        taken -= own;
        own = 0;
      };
      if (!grow(0)) {
        return { kind: 'no-room' };
      }
      const done = Promise.withResolvers<ReadBody>();
      const take = (chunk: Buffer) => {
        size += chunk.length;
        chunks.push(chunk);
        const kind = size > limit ? 'too-large' : grow(size + chunks.length * chunkBytes) ? null : 'no-room';
        if (kind !== null) {
          request.off('data', take);
          request.pause();
          chunks.length = 0;
          release();
          done.resolve({ kind });
        }
      };
      // Counts chunks as they come in: an async iterator would join those that came together.
      request.on('data', take);
      request.once('end', () => {
        const body = Buffer.concat(chunks);
        // The request, which is there until it is answered, must not hold the bytes a second time.
        chunks.length = 0;
        done.resolve({ kind: 'whole', body, release });
      });
      // After the end it changes nothing any more.
      request.once('close', () => {
        if (!request.complete) {
          release();
          done.reject(new Error('The sender gave up, or was given up.'));
        }
      });
      return done.promise;
    },
  };
}
