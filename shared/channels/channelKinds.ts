/**
 * Channels by which messages come in. A name is the beginning of stored keys, so it never changes and never gets another meaning. All
 * four are known from the first release with channels on, so that no release crashes on the row of a later one.
 */
export const channelKinds = ['gmail', 'form', 'whatsapp', 'portal'] as const;

export type ChannelKind = (typeof channelKinds)[number];
