import { InvalidArgumentError } from 'commander';
import { isMailAddress } from '#shared/mail/parsing/addresses.ts';

/** Reads a number on the command line. */
export function positiveInteger(text: string): number {
  if (!/^[1-9]\d{0,11}$/.test(text)) {
    throw new InvalidArgumentError('It has to be a positive whole number.');
  }
  return Number(text);
}

/**
 * Reads an e-mail address on the command line, in lower case. It takes every address that a mail may come from, but no part of a
 * list of recipients.
 */
export function emailAddress(text: string): string {
  const address = text.trim().toLowerCase();
  if (!isMailAddress(address) || /[<>]|[,;]$/.test(address)) {
    throw new InvalidArgumentError('It has to be an e-mail address.');
  }
  return address;
}
