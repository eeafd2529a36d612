/**
 * Channels by which messages come in. A name is the beginning of stored keys, so it never changes and never gets another meaning. All
 * four are known from the first release with channels on, so that no release crashes on the row of a later one.
 */
export const channelKinds = ['gmail', 'form', 'whatsapp', 'portal'] as const;

/**
 * How releases with one channel named it in what they stored. Later releases use the same names wherever both read the same thing, as in
 * rows.
 */
export const firstChannel = { kind: 'gmail', jobKind: 'gmail-message', threadId: 'gmailThreadId' } as const;

export type ChannelKind = (typeof channelKinds)[number];
