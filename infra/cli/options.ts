import { InvalidArgumentError } from 'commander';
import { z } from 'zod';

/** Reads a number on the command line. */
export function positiveInteger(text: string): number {
  if (!/^[1-9]\d{0,11}$/.test(text)) {
    throw new InvalidArgumentError('It has to be a positive whole number.');
  }
  return Number(text);
}

/** Reads an e-mail address on the command line; lower-cased. */
export function emailAddress(text: string): string {
  const address = text.trim().toLowerCase();
  if (!z.email().safeParse(address).success) {
    throw new InvalidArgumentError('It has to be an e-mail address.');
  }
  return address;
}
