import { createHmac } from 'node:crypto';

/** Body of a webhook about a conversation, of about so many bytes: FreeScout sends the whole conversation. */
export function webhookBody(conversationId: number, bytes = 2000): Buffer {
  const body = (text: string) =>
    Buffer.from(
      JSON.stringify({
        id: conversationId,
        _embedded: { threads: [{ id: 1, type: 'customer', body: text }] },
      }),
    );
  return body('x'.repeat(Math.max(0, bytes - body('').byteLength)));
}

export function signed(body: Uint8Array, secret: string): string {
  return createHmac('sha1', secret).update(body).digest('base64');
}
