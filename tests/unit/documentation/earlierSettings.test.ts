import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');

/** Every key of the earlier system's `config.yaml`. */
const earlierKeys = [
  'openai.api_key_env',
  'openai.classify_model',
  'openai.draft_model',
  'openai.classify_max_tokens',
  'openai.draft_max_tokens',
  'openai.classify_reasoning_effort',
  'openai.draft_reasoning_effort',
  'openai.draft_system_message',
  'openai.timeout',
  'openai.rate_limit.max_requests',
  'openai.rate_limit.window_seconds',
  'openai.budget.daily_usd',
  'openai.budget.monthly_usd',
  'openai.pricing',
  'openai.fallback_signature',
  'thresholds.critic_threshold',
  'thresholds.max_retries',
  'limits.max_drafts',
  'limits.max_messages_per_run',
  'http.timeout',
  'gmail.query',
  'gmail.scopes',
  'gmail.client_secret_file',
  'gmail.token_file',
  'gmail.use_console_oauth',
  'ticket.system',
  'ticket.freescout_url',
  'ticket.freescout_key',
  'ticket.mailbox_id',
  'ticket.gmail_thread_field_id',
  'ticket.gmail_message_field_id',
  'ticket.sqlite_path',
  'ticket.webhook_enabled',
  'ticket.webhook_secret',
  'ticket.poll_interval',
  'ticket.rate_limit.max_requests',
  'ticket.rate_limit.window_seconds',
  'ticket.actions.update_priority',
  'ticket.actions.priority_high_threshold',
  'ticket.actions.assign_to_user_id',
  'ticket.actions.apply_tags',
  'ticket.actions.custom_fields.type_field_id',
  'ticket.actions.custom_fields.importance_field_id',
  'ticket.actions.post_internal_notes',
  'ticket.actions.post_suggested_reply',
  'ticket.followup.hours_without_reply',
  'ticket.followup.required_tags',
  'ticket.followup.excluded_tags',
  'ticket.followup.required_states',
  'ticket.followup.followup_tag',
  'ticket.followup.limit',
  'ticket.followup.dry_run',
  'ticket.followup.list_params',
  'ticket.followup.p0_tags',
  'ticket.followup.notify.slack_webhook_url',
  'ticket.followup.notify.email.smtp_host',
  'ticket.followup.notify.email.smtp_port',
  'ticket.followup.notify.email.smtp_username',
  'ticket.followup.notify.email.smtp_password',
  'ticket.followup.notify.email.from',
  'ticket.followup.notify.email.to',
  'ticket.followup.notify.email.use_tls',
  'ticket.followup.notify.email.use_ssl',
  'ticket.followup.notify.email.timeout',
  'webhook.log_dir',
  'webhook.max_age_days',
  'webhook.max_files',
  'webhook.security.max_timestamp_skew_seconds',
  'webhook.security.nonce_cache_size',
  'webhook.security.nonce_cache_ttl_seconds',
  'webhook.security.allow_unauthenticated',
  'logging.level',
  'logging.json_format',
];

/** Keys that the table names: a further key of a cell stands without the section of the first. */
function namedKeys(): readonly string[] {
  const [table = ''] = readme.split('### Coming from the earlier system')[1]?.split('\n## ') ?? [];
  const cells = [...table.matchAll(/^\| (`.*?`) \| \S/gm)].map(([, cell = '']) => cell);
  return cells.flatMap((cell) => {
    const keys = cell.split(' / ').map((key) => key.replaceAll('`', ''));
    const section = keys[0]?.slice(0, keys[0].lastIndexOf('.') + 1) ?? '';
    return keys.map((key) => (key.includes('.') ? key : section + key));
  });
}

describe('a key of the earlier system', () => {
  it.each(earlierKeys)('%s has its row in README', (key) => {
    expect(namedKeys()).toContain(key);
  });

  it('is every key that the table names', () => {
    expect(namedKeys().filter((key) => !earlierKeys.includes(key))).toEqual([]);
  });
});
