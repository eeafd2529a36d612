import type { AddressList } from './records.ts';

/** How PHP and FreeScout treat text: JSON escaping, trimming, previews, addresses. */

/**
 * JSON as PHP's `json_encode` writes it by default: `/` as `\/`, everything beyond ASCII as `\uXXXX`.
 * Answers and webhook bodies have exactly this form, and the webhook signature covers these bytes.
 */
export function phpJson(value: unknown): string {
  return JSON.stringify(value).replace(/[/\u0080-\uffff]/g, (character) =>
    character === '/' ? '\\/' : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** PHP's `trim`: only these characters, so a no-break space stays. */
export const phpTrim = (text: string): string => text.replace(/^[ \t\n\r\0\v]+|[ \t\n\r\0\v]+$/g, '');

/** FreeScout's global input middleware: every string trimmed, an empty one becomes null. */
export function laravelInput(value: unknown): unknown {
  if (typeof value === 'string') {
    return phpTrim(value) || null;
  }
  if (Array.isArray(value)) {
    return value.map(laravelInput);
  }
  if (isRecord(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, laravelInput(item)]));
  }
  return value;
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** PHP's `empty()`. */
export function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) {
    return value.length === 0;
  }
  if (isRecord(value)) {
    return Object.keys(value).length === 0;
  }
  return !value || value === '0';
}

/** FreeScout's conversation preview: tags gone, white space collapsed, 255 characters. Entities stay encoded. */
export function previewOf(html: string | null): string {
  const text = (html ?? '')
    .replaceAll('</div>', ' </div>')
    .replaceAll('</p>', ' </p>')
    .replace(/<br\s*\/?>/gi, ' ')
    .replace(/<script.*?>.*?<\/script>/gis, '')
    .replace(/<style.*?>.*?<\/style>/gis, '');
  return withoutTags(text)
    .replace(/[ \t\n\r\f\v]+/g, ' ')
    .trim()
    .slice(0, 255);
}

/** PHP's `strip_tags`, comments included. */
export const withoutTags = (html: string): string => html.replace(/<!--[\s\S]*?-->|<[^>]*>/g, '');

/** FreeScout's check of an address: something, `@`, something; lower case, no trailing dots. Null when it is none. */
export function sanitizeEmail(email: unknown): string | null {
  if (typeof email !== 'string' || !/^.+@.+$/.test(email)) {
    return null;
  }
  return email
    .replace(/[^\w!#$%&'*+\-=?^`{|}~@.[\]]/g, '')
    .toLowerCase()
    .replace(/\.+$/, '')
    .replace(/\.+@/, '@');
}

/** The addresses of a list or of comma-separated text, sanitised, each once, with PHP's holes where something was dropped. */
export function sanitizeEmails(emails: unknown): AddressList {
  const given: readonly (readonly [string, unknown])[] =
    Array.isArray(emails) || isRecord(emails)
      ? Object.entries(emails)
      : Object.entries(String(emails ?? '').split(','));
  const kept = new Map<string, string>();
  for (const [key, value] of given) {
    const email = sanitizeEmail(value);
    if (email !== null && !kept.has(email)) {
      kept.set(email, key);
    }
  }
  const withoutHoles = [...kept.values()].every((key, index) => key === String(index));
  return withoutHoles ? [...kept.keys()] : Object.fromEntries([...kept].map(([email, key]) => [key, email]));
}

export const addressesOf = (list: AddressList): string[] => Object.values(list);
