import { describe, expect, it } from 'vitest';
import { readEnvironment, unreadVariables } from '#infra/local/environment.ts';

describe('environment of npm start', () => {
  it('has the documented defaults', () => {
    expect(readEnvironment({ CSM_PORT: '', PATH: '/bin' })).toMatchObject({
      ports: { api: 4000, desk: 4001, gmail: 4002, openai: 4003 },
      dataDirectory: '.csm',
      samples: true,
      gmailPollSeconds: 5,
      settings: {},
      freescout: undefined,
      gmail: undefined,
      openai: undefined,
    });
  });

  it('takes any free port for 0 and real parts each on their own', () => {
    const options = readEnvironment({
      CSM_PORT: '0',
      OPENAI_API_KEY: 'k',
      FREESCOUT_URL: 'https://desk.example.com/',
      FREESCOUT_KEY: 'key',
      FREESCOUT_WEBHOOK_SECRET: 'secret',
      FREESCOUT_WEBHOOK_SECRET_PREVIOUS: 'older secret',
    });
    expect(options.ports).toEqual({ api: 0, desk: 0, gmail: 0, openai: 0 });
    expect(options.openai).toEqual({ apiKey: 'k', baseUrl: undefined });
    expect(options.freescout).toEqual({
      url: 'https://desk.example.com',
      apiKey: 'key',
      webhookSecret: 'secret',
      webhookSecretPrevious: 'older secret',
    });
    expect(options.gmail).toBeUndefined();
  });

  it("lets the model's stand-in write into a real FreeScout only when that is said", () => {
    const freescout = { url: 'https://d.example', apiKey: 'k', webhookSecret: 's' };
    const variables = { FREESCOUT_URL: freescout.url, FREESCOUT_KEY: 'k', FREESCOUT_WEBHOOK_SECRET: 's' };
    expect(readEnvironment({ ...variables, CSM_STAND_INS: 'allowed' })).toMatchObject({
      freescout,
      openai: undefined,
      standInsAllowed: true,
    });
    // Without a real Gmail it works on what FreeScout itself brings in.
    expect(readEnvironment({ ...variables, OPENAI_API_KEY: 'k' })).toMatchObject({
      freescout,
      gmail: undefined,
      standInsAllowed: false,
    });
  });

  it('takes a mail server and a Slack for alerts, and the time between follow-ups', () => {
    const options = readEnvironment({
      CSM_FOLLOW_UP_SECONDS: '30',
      SLACK_WEBHOOK_URL: 'https://hooks.slack.example/services/T/B/X',
      SMTP_HOST: 'mail.example.com',
      SMTP_PORT: '465',
      SMTP_USERNAME: 'csm',
      SMTP_PASSWORD: 'secret',
      SMTP_FROM: 'Alerts <alerts@example.com>',
      SMTP_TO: 'ops@example.com, night@example.com',
    });
    expect(options).toMatchObject({
      followUpSeconds: 30,
      slackWebhookUrl: 'https://hooks.slack.example/services/T/B/X',
      smtp: {
        recipients: ['ops@example.com', 'night@example.com'],
        variables: {
          SMTP_HOST: 'mail.example.com',
          SMTP_PORT: '465',
          SMTP_USERNAME: 'csm',
          SMTP_PASSWORD: 'secret',
          SMTP_FROM: 'Alerts <alerts@example.com>',
        },
      },
    });
    // Recipients come from the settings alone; they are laid over those.
    expect(options.smtp?.variables).not.toHaveProperty('SMTP_TO');
    expect(readEnvironment({})).toMatchObject({ smtp: undefined, slackWebhookUrl: undefined });
  });

  it('names every fault in one line', () => {
    const read = () =>
      readEnvironment({
        CSM_PORT: 'many',
        CSM_SAMPLES: 'no',
        CSM_SETTINGS: '{',
        CSM_GMAIL_POLL_SECONDS: '0',
        FREESCOUT_URL: 'desk',
      });
    expect(read).toThrow(
      expect.objectContaining({
        name: 'StartRefused',
        message: expect.stringMatching(
          /^(?=.*CSM_PORT must be a port number)(?=.*CSM_SAMPLES must be on or off)(?=.*CSM_SETTINGS is not valid JSON)(?=.*CSM_GMAIL_POLL_SECONDS must be a number above 0)(?=.*FREESCOUT_URL must be an http)[^\n]*$/,
        ),
      }),
    );
  });

  it.each([
    [{ FREESCOUT_URL: 'https://d.example' }, 'FREESCOUT_KEY is missing, but FREESCOUT_URL is set'],
    [
      { FREESCOUT_URL: 'https://d.example', FREESCOUT_KEY: 'k', FREESCOUT_WEBHOOK_SECRET: 's' },
      /^OPENAI_API_KEY is missing, but FREESCOUT_URL is set: .*real FreeScout \(CSM_STAND_INS=allowed lets it\)$/,
    ],
    [{ FREESCOUT_WEBHOOK_SECRET_PREVIOUS: 's' }, 'FREESCOUT_URL is missing'],
    [{ CSM_STAND_INS: 'yes' }, 'CSM_STAND_INS must be allowed, or not be set'],
    [{ SMTP_HOST: 'mail.example.com', SMTP_FROM: 'a@example.com' }, 'SMTP_TO is missing'],
    [{ SMTP_PASSWORD: 'x' }, 'SMTP_USERNAME is missing'],
    [{ SMTP_HOST: 'h', SMTP_FROM: 'a@example.com', SMTP_TO: 'nobody' }, 'SMTP_TO.0 must be e-mail addresses'],
    [{ OPENAI_BASE_URL: 'https://o.example' }, 'OPENAI_API_KEY is missing'],
    [{ GMAIL_ROOT_URL: 'https://g.example', GMAIL_CLIENT_ID: 'i' }, 'GMAIL_CLIENT_SECRET is missing'],
    [
      { GMAIL_SERVICE_ACCOUNT_EMAIL: 'a@b.example', GMAIL_ROOT_URL: 'https://g.example' },
      'GMAIL_SERVICE_ACCOUNT_PRIVATE_KEY is missing',
    ],
    [{ CSM_STATUS_TOKEN: 'short' }, 'CSM_STATUS_TOKEN must have at least 16 characters'],
    [{ CSM_PORT: '65533' }, 'must be at most 65532'],
    [{ CSM_SETTINGS: '[]' }, 'CSM_SETTINGS must be a JSON object'],
  ])('refuses %o', (variables: Record<string, string>, fault: string | RegExp) => {
    expect(() => readEnvironment(variables)).toThrow(fault);
  });

  it('names what looks like a variable of ours and is none', () => {
    const variables = {
      CSM_PORT: '1',
      CSM_PROT: '1',
      FREESCOUT_TOKEN: 'k',
      OPENAI_ORG_ID: 'o',
      PATH: '/bin',
    };
    expect(unreadVariables(variables)).toEqual([
      expect.stringMatching(/^CSM_PROT is set, and nothing reads it\. .*CSM_PORT, CSM_HOST/),
      'FREESCOUT_TOKEN is set, and nothing reads it. These begin like it: FREESCOUT_URL, FREESCOUT_KEY, FREESCOUT_WEBHOOK_SECRET, FREESCOUT_WEBHOOK_SECRET_PREVIOUS.',
      'OPENAI_ORG_ID is set, and nothing reads it. These begin like it: OPENAI_API_KEY, OPENAI_BASE_URL.',
    ]);
  });
});
