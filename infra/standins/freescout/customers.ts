import { type DeskState, nextId, nowOf } from './deskState.ts';
import { isEmpty, isRecord, sanitizeEmail, withoutTags } from './phpText.ts';
import type { CustomerRecord } from './records.ts';
import { emit } from './webhooks.ts';

export function findCustomerByEmail(desk: DeskState, email: string): CustomerRecord | undefined {
  const wanted = email.toLowerCase();
  for (const customer of desk.customers.values()) {
    if (customer.emails.some(({ value }) => value.toLowerCase() === wanted)) {
      return customer;
    }
  }
  return undefined;
}

/** What FreeScout compares of a number. */
export const digits = (phone: unknown): string => String(phone ?? '').replace(/\D/g, '');

function findCustomerByPhone(desk: DeskState, phone: unknown): CustomerRecord | undefined {
  const wanted = digits(phone);
  for (const customer of desk.customers.values()) {
    if (customer.phones.some((known) => digits(known) === wanted)) {
      return customer;
    }
  }
  return undefined;
}

/** A refusal of the API: `path` and `message` as FreeScout names them. */
export type Refusal = { path: string; message: string };

export const isRefusal = (value: CustomerRecord | Refusal): value is Refusal => 'path' in value;

const textOrNull = (value: unknown): string | null =>
  value === null || value === undefined ? null : withoutTags(String(value));

const addressOf = (item: unknown): unknown => (isRecord(item) ? item.value : item);

const addressTaken: Refusal = { path: 'emails', message: 'Customers with such email(s) already exist' };

/** Creates a customer from an API object. At least one address must be new, and a name or an address must be there. */
export function createCustomer(desk: DeskState, input: Record<string, unknown>): CustomerRecord | Refusal {
  const given = Array.isArray(input.emails) ? input.emails.map(addressOf) : [];
  const emails: unknown[] = isEmpty(input.email) ? given : [...given, input.email];
  const values = emails.filter((email) => typeof email === 'string' && email !== '').map(String);
  if (values.length > 0 && values.every((email) => findCustomerByEmail(desk, email) !== undefined)) {
    return addressTaken;
  }
  for (const email of values) {
    if (sanitizeEmail(email) === null) {
      return { path: 'emails', message: `Invalid email: ${email}` };
    }
  }
  if (isEmpty(input.firstName) && values.length === 0) {
    return { path: 'customer.first_name', message: 'Customer first name or email is required.' };
  }
  const unused = values.filter((email) => findCustomerByEmail(desk, email) === undefined);
  return storeCustomer(desk, input, unused);
}

function storeCustomer(
  desk: DeskState,
  input: Record<string, unknown>,
  emails: readonly string[],
): CustomerRecord {
  const now = nowOf(desk);
  const phones = Array.isArray(input.phones) ? input.phones.map(addressOf) : [];
  const customer: CustomerRecord = {
    id: nextId(desk, 'customer'),
    firstName: textOrNull(input.firstName),
    lastName: textOrNull(input.lastName),
    jobTitle: textOrNull(input.jobTitle),
    company: textOrNull(input.company),
    notes: textOrNull(input.notes),
    emails: emails.map((value) => ({ id: nextId(desk, 'email'), value, type: 'work' })),
    phones: [...phones, input.phone].filter((phone) => !isEmpty(phone)).map(String),
    createdAt: now,
    updatedAt: now,
  };
  desk.customers.set(customer.id, customer);
  emit(desk, 'customer.created', { customer: { ...customer } });
  return customer;
}

/**
 * `customer` of a conversation or thread: by id, else by address, else by phone, else a new one.
 *
 * FreeScout races with itself (seen on core 1.8.235): of two requests at once that name the same new customer, both look for the
 * address before either has stored it. The later one is refused, or makes a customer to whom the address no longer goes. Of a number
 * nothing makes FreeScout refuse a second one: numbers lie in a JSON column without an index, so both make a customer (not seen live).
 *
 * @param latestSeen - the newest customer there was when the request came in; younger ones were made meanwhile, by another.
 */
export function resolveCustomer(
  desk: DeskState,
  input: Record<string, unknown>,
  latestSeen = Number.POSITIVE_INFINITY,
): CustomerRecord | Refusal {
  if (!isEmpty(input.id)) {
    return (
      desk.customers.get(Number(input.id)) ?? {
        path: 'customer',
        message: `Customer with the following ID not found: ${String(input.id)}`,
      }
    );
  }
  if (typeof input.email === 'string') {
    const known = findCustomerByEmail(desk, input.email);
    if (known !== undefined && known.id <= latestSeen) {
      return known;
    }
    // In FreeScout timing decides which of the two happens; here the id decides.
    if (known !== undefined) {
      return known.id % 2 === 0 ? addressTaken : storeCustomer(desk, input, []);
    }
  }
  if (!isEmpty(input.phone)) {
    const known = findCustomerByPhone(desk, input.phone);
    if (known !== undefined && known.id <= latestSeen) {
      return known;
    }
  }
  return createCustomer(desk, input);
}

/** `PUT /customers/{id}`: `emails` replaces the addresses, `emails_add` adds some; the other fields replace. */
export function updateCustomer(
  desk: DeskState,
  customer: CustomerRecord,
  input: Record<string, unknown>,
): void {
  for (const field of ['firstName', 'lastName', 'jobTitle', 'company', 'notes'] as const) {
    if (field in input) {
      customer[field] = textOrNull(input[field]);
    }
  }
  const addresses = (list: unknown): string[] =>
    (Array.isArray(list) ? list : [])
      .map(addressOf)
      .map(sanitizeEmail)
      .filter((email) => email !== null);
  const take = (value: string) => {
    for (const other of desk.customers.values()) {
      other.emails = other.emails.filter(
        (email) => other === customer || email.value.toLowerCase() !== value,
      );
    }
    if (!customer.emails.some((email) => email.value.toLowerCase() === value)) {
      customer.emails.push({ id: nextId(desk, 'email'), value, type: 'work' });
    }
  };
  const replaced = addresses(input.emails);
  if (replaced.length > 0) {
    customer.emails = customer.emails.filter((email) => replaced.includes(email.value.toLowerCase()));
    replaced.forEach(take);
  }
  addresses(input.emails_add ?? input.emailsAdd).forEach(take);
  customer.updatedAt = nowOf(desk);
  emit(desk, 'customer.updated', { customer: { ...customer } });
}
