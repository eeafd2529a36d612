import { afterEach, describe, expect, it, vi } from 'vitest';
import { defaultProvider } from '#infra/bundle/environmentCredentials.ts';
import { stringify } from '#infra/bundle/queryString.ts';

afterEach(() => vi.unstubAllEnvs());

describe('credentials of a bundle', () => {
  it('are those that Lambda puts into the environment', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'id');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
    vi.stubEnv('AWS_SESSION_TOKEN', 'token');
    expect(await defaultProvider()()).toEqual({
      accessKeyId: 'id',
      secretAccessKey: 'secret',
      sessionToken: 'token',
    });
  });

  it('may come without a session, as on one machine', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'id');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
    vi.stubEnv('AWS_SESSION_TOKEN', undefined);
    expect(await defaultProvider()()).toEqual({ accessKeyId: 'id', secretAccessKey: 'secret' });
  });

  it('fail with a sentence when there are none', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', undefined);
    await expect(defaultProvider()()).rejects.toThrow('no AWS credentials');
  });
});

describe('parameters of a call to Gmail', () => {
  it('are encoded, repeated for a list, and left out when not given', () => {
    expect(
      stringify({
        q: 'after:1 in:inbox',
        historyTypes: ['messageAdded', 'labelAdded'],
        pageToken: undefined,
      }),
    ).toBe('q=after%3A1%20in%3Ainbox&historyTypes=messageAdded&historyTypes=labelAdded');
  });
});
