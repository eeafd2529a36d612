import type { BotDrafts } from './botDrafts.ts';
import type { Ledger } from './ledger.ts';
import type { SystemState } from './systemState.ts';
import type { ThreadMap } from './threadMap.ts';
import type { WebhookEvents } from './webhookEvents.ts';

/** Everything the system remembers. */
export interface Store {
  readonly ledger: Ledger;
  readonly threadMap: ThreadMap;
  readonly drafts: BotDrafts;
  readonly state: SystemState;
  readonly webhookEvents: WebhookEvents;
}
