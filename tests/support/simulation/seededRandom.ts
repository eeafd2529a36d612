export interface SeededRandom {
  /** 0 ≤ x < 1. */
  next(): number;
  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number;
  chance(probability: number): boolean;
  pick<Item>(items: readonly [Item, ...Item[]]): Item;
  /** An item of a list that may be empty. */
  pickAny<Item>(items: readonly Item[]): Item | undefined;
}

/** The same seed always gives the same numbers (mulberry32). */
export function seededRandom(seed: number): SeededRandom {
  let state = (seed * 0x9e3779b1) >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const between = (least: number, most: number) => least + Math.floor(next() * (most - least + 1));
  const pickAny = <Item>(items: readonly Item[]) => items[between(0, items.length - 1)];
  return {
    next,
    between,
    chance: (probability) => next() < probability,
    pick: (items) => pickAny(items) ?? items[0],
    pickAny,
  };
}
