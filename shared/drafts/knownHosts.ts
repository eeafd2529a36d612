import { type Conversation, isAgentMessage, isCustomerMessage } from '#shared/freescout/model.ts';
import { walkVisibleHtml } from '#shared/mail/visibleHtml.ts';

const WEB_ADDRESS = /\b(?:https?:\/\/|www\.)[^\s<>"'()[\]{}]{1,2000}/gi;

/**
 * A plain http or https address; null for anything else, and for addresses that carry a user name: they are made to deceive. An
 * address that begins with `www.` is one too.
 */
export function webAddressOf(text: string): URL | null {
  const url = URL.parse(/^www\./i.test(text) ? `https://${text}` : text);
  const isPlain =
    url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
  return isPlain && url.host !== '' ? url : null;
}

/** Host of a web address (with its port when that is not the usual one), lower-case and without `www.`; null when it is none. */
export function hostOf(address: string): string | null {
  return webAddressOf(address)?.host.replace(/^www\./, '') ?? null;
}

/** A web address in running text without the mark that ends the sentence after it. */
export function withoutEndOfSentence(address: string): string {
  return address.replace(/[.,;:!?…*_]+$/u, '');
}

/**
 * Hosts that a draft may link to: those of the settings, and those that the messages of customer and agents show. Links that a
 * mail hides from its reader do not count.
 */
export function knownHosts(
  conversation: Conversation,
  allowedLinkHosts: readonly string[],
): ReadonlySet<string> {
  const hosts = new Set<string>();
  const add = (address: string) => {
    const host = hostOf(address);
    if (host !== null) hosts.add(host);
  };
  for (const host of allowedLinkHosts) {
    add(/^https?:\/\//i.test(host) ? host : `https://${host.trim()}`);
  }
  for (const thread of conversation.threads) {
    if (!isCustomerMessage(thread) && !isAgentMessage(thread)) continue;
    walkVisibleHtml(thread.body, {
      open: (name, attributes) => {
        if (name === 'a' && attributes.href !== undefined) add(attributes.href.trim());
      },
      text: (text) => {
        for (const [address] of text.matchAll(WEB_ADDRESS)) add(withoutEndOfSentence(address));
      },
      close: () => {},
    });
  }
  return hosts;
}
