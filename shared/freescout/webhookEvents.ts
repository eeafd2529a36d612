/**
 * FreeScout's events after which something may be missing in a conversation. `customer.*` is not among them: the id in those is a
 * customer's.
 */
export const webhookEvents = [
  'convo.created',
  'convo.customer.reply.created',
  'convo.agent.reply.created',
  'convo.deleted',
  'convo.restored',
  'convo.moved',
] as const;

export type WebhookEvent = (typeof webhookEvents)[number];

/**
 * Lower-case header of a webhook that an operator's command sends in FreeScout's place. It is worked on, but not counted: it does not
 * show that FreeScout reaches us.
 */
export const sentByUsHeader = 'x-csm-sent-by-us';
