import { describe, expect, it } from 'vitest';
import { safeFileName } from '#shared/mail/parsing/attachmentNames.ts';

const named = (name: string) => safeFileName(name, 'application/pdf', 0);

describe('the name of an attachment', () => {
  it.each([
    ['of three bytes a letter', `${'契約書'.repeat(60)}.pdf`],
    ['of four bytes a letter', `${'😀'.repeat(90)}.pdf`],
    ['of one byte a letter', `${'a'.repeat(300)}.pdf`],
  ])('%s has at most 120 bytes, whole letters and its extension', (_, long) => {
    const name = named(long);
    expect(Buffer.byteLength(name)).toBeLessThanOrEqual(120);
    expect(Buffer.byteLength(name)).toBeGreaterThan(110);
    expect(name.isWellFormed()).toBe(true);
    expect(name.endsWith('.pdf')).toBe(true);
    expect(long.startsWith(name.slice(0, -4))).toBe(true);
  });

  it('without an extension is cut as well', () => {
    expect(named('я'.repeat(100))).toBe('я'.repeat(60));
  });

  it('ends neither in a space nor in a dot where it was cut', () => {
    expect(named(`${'a'.repeat(112)}. . ${'b'.repeat(50)}.pdf`)).toBe(`${'a'.repeat(112)}.pdf`);
  });

  it('is composed: macOS sends letters and their accents apart', () => {
    expect(named('Ku\u0308ndigung.pdf')).toBe('K\u00fcndigung.pdf');
  });

  it('that fits stays as it is', () => {
    expect(named(`${'a'.repeat(116)}.pdf`)).toBe(`${'a'.repeat(116)}.pdf`);
  });
});
