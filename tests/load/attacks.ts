/** What the attacker sends on every connection. */
type Sending =
  /** A body as fast as it goes, with its length told before or in chunks of so many bytes. */
  | { readonly kind: 'body'; readonly bytes: number; readonly chunkBytes?: number }
  /** A body of few bytes that inflates to a gigabyte. */
  | { readonly kind: 'bomb' }
  /** One byte a second, of the head or of a body whose head came at once. */
  | { readonly kind: 'slow'; readonly part: 'head' | 'body' }
  /** Nothing at all. */
  | { readonly kind: 'nothing' };

export interface Attack {
  readonly name: string;
  readonly path: string;
  /** `forged`: a signature of the right form, which only the whole body shows to be wrong. */
  readonly signature: 'none' | 'forged';
  readonly sending: Sending;
  /** Connections at the same time. */
  readonly connections: number;
  /** A connection that ended is opened anew until so many were opened in all. */
  readonly connectionsInAll: number;
  /** The attack ends after this time, whatever is open. */
  readonly seconds: number;
  /** Genuine webhooks must be answered 200 all the while. Where false, the throttle cannot tell them from the forged ones. */
  readonly sparesGenuine: boolean;
  /** Memory afterwards, as a multiple of that before. */
  readonly memoryFactor: number;
}

const largeBytes = 9_900_000;

const unsigned = {
  path: '/freescout',
  signature: 'none',
  connections: 60,
  connectionsInAll: 60,
  seconds: 15,
  sparesGenuine: true,
  memoryFactor: 1.2,
} as const;
const forged = { ...unsigned, signature: 'forged', sparesGenuine: false } as const;

/** What never ends. The garbage collector gives memory back late, but never takes more than this. */
const endless = { connectionsInAll: 3000, memoryFactor: 1.7 };

const large = { kind: 'body', bytes: largeBytes } as const;
const largeInChunks = { kind: 'body', bytes: largeBytes, chunkBytes: 65_536 } as const;

/** Every attack is bounded in number and time. */
export const attacks: readonly Attack[] = [
  { ...unsigned, name: '60 unsigned posts of 9.9 MB', sending: large },
  { ...unsigned, name: '60 unsigned posts of 9.9 MB, chunked', sending: largeInChunks },
  { ...unsigned, name: '60 posts of 9.9 MB to no route', path: '/nothing', sending: large },
  { ...forged, name: '60 forged posts of 9.9 MB', sending: large },
  { ...forged, name: '60 forged posts of 9.9 MB, chunked', sending: largeInChunks },
  { ...forged, name: '60 forged gzip bombs', sending: { kind: 'bomb' } },
  {
    ...forged,
    name: '500 forged posts at a byte a second',
    sending: { kind: 'slow', part: 'body' },
    connections: 500,
    connectionsInAll: 500,
  },
  {
    ...unsigned,
    name: '500 heads at a byte a second',
    sending: { kind: 'slow', part: 'head' },
    connections: 500,
    connectionsInAll: 500,
  },
  {
    ...unsigned,
    name: '10,000 open sockets',
    sending: { kind: 'nothing' },
    connections: 10_000,
    connectionsInAll: 10_000,
  },
  { ...unsigned, ...endless, name: 'unsigned posts of 9.9 MB, endless', sending: large },
  { ...forged, ...endless, name: 'forged posts of 9.9 MB, endless', sending: large },
  { ...forged, ...endless, name: 'forged posts of 9.9 MB, endless, again', sending: large },
  {
    ...forged,
    name: '60 forged posts in chunks of one byte',
    sending: { kind: 'body', bytes: 1_000_000, chunkBytes: 1 },
    memoryFactor: endless.memoryFactor,
  },
];
