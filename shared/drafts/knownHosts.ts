import { type Conversation, isCustomerMessage, isTeamAnswer } from '#shared/freescout/model.ts';
import { blocks } from '#shared/mail/visible/blockElements.ts';
import { walkVisibleHtml } from '#shared/mail/visible/visibleHtml.ts';
import {
  hostOf,
  linkTargetOf,
  namesOtherHost,
  withoutEndOfSentence,
} from '#shared/mail/visible/webAddresses.ts';
import { isBlank } from '#shared/text/invisibleCharacters.ts';

const webAddressPattern = /\b(?:https?:\/\/|www\.)[^\s<>"'()[\]{}]{1,2000}/gi;

/**
 * Hosts that a draft may link to: those of the settings, and those that the messages of customer and team show. A link
 * does not count when the mail hides it from its reader, when it has no words, or when its words name another host.
 */
export function knownHosts(
  conversation: Conversation,
  allowedLinkHosts: readonly string[],
): ReadonlySet<string> {
  const hosts = new Set<string>();
  const add = (address: string) => {
    const host = hostOf(address);
    if (host !== null) {
      hosts.add(host);
    }
  };
  for (const host of allowedLinkHosts) {
    add(/^https?:\/\//i.test(host) ? host : `https://${host.trim()}`);
  }
  for (const thread of conversation.threads) {
    if (!isCustomerMessage(thread) && !isTeamAnswer(thread)) {
      continue;
    }
    addShownHosts(thread.body, add);
  }
  return hosts;
}

function addShownHosts(html: string, add: (address: string) => void): void {
  let text = '';
  let link: { readonly href: string; words: string } | null = null;
  const endText = (name: string) => {
    for (const [address] of text.matchAll(webAddressPattern)) {
      add(withoutEndOfSentence(address));
    }
    text = '';
    if (link !== null && blocks.has(name)) {
      link.words += ' ';
    }
  };
  const endLink = () => {
    const target = link === null || isBlank(link.words) ? null : linkTargetOf(link.href);
    const host = target === null ? null : hostOf(target.href);
    if (target !== null && host !== null && !namesOtherHost(link?.words ?? '', host)) {
      add(target.href);
    }
    link = null;
  };
  walkVisibleHtml(html, {
    open: (name, { href = '' }) => {
      endText(name);
      if (name !== 'a') {
        return;
      }
      // A browser ends a link where another one begins.
      endLink();
      link = { href, words: '' };
    },
    // The parser reports an address in pieces where it has an entity.
    text: (part) => {
      text += part;
      if (link !== null) {
        link.words += part;
      }
    },
    close: (name) => {
      endText(name);
      if (name === 'a') {
        endLink();
      }
    },
  });
  endText('html');
}
