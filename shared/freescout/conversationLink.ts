/**
 * Address at which an agent opens a conversation.
 *
 * @param deskUrl - address of FreeScout, `freescout.url` of the settings.
 */
export function conversationLink(deskUrl: string, conversationId: number): string {
  return `${deskUrl.replace(/\/+$/, '')}/conversation/${conversationId}`;
}
