import { describe, expect, it } from 'vitest';
import { type HttpRequest, toAnswer, toEvent } from '#infra/local/runner/httpPayload.ts';
import { matchRoute } from '#infra/local/runner/matchRoute.ts';

const event = (request: Partial<HttpRequest>) =>
  toEvent(
    {
      method: 'POST',
      target: '/freescout',
      headers: {},
      body: Buffer.alloc(0),
      sourceIp: '127.0.0.1',
      ...request,
    },
    { routeKey: 'POST /freescout', pathParameters: {} },
    { apiId: 'api', domainName: 'host', requestId: 'id' },
    new Date('2020-03-12T19:03:58Z'),
  );

describe('payload format 2.0', () => {
  it('lower-cases and joins headers, takes cookies out, keeps the query raw and split', () => {
    expect(
      event({
        target: '/freescout?a=1&a=2&b=%20x',
        headers: { 'X-One': ['a', 'b'], Cookie: ['c=1; d=2'], Absent: undefined },
      }),
    ).toMatchObject({
      version: '2.0',
      rawPath: '/freescout',
      rawQueryString: 'a=1&a=2&b=%20x',
      queryStringParameters: { a: '1,2', b: ' x' },
      headers: { 'x-one': 'a,b' },
      cookies: ['c=1', 'd=2'],
      requestContext: {
        time: '12/Mar/2020:19:03:58 +0000',
        timeEpoch: 1584039838000,
        http: { method: 'POST' },
      },
    });
  });

  it.each([
    ['application/json', false],
    ['application/json; charset=utf-8', false],
    ['application/problem+json', false],
    ['text/plain', false],
    ['application/x-www-form-urlencoded', true],
    ['application/octet-stream', true],
    ['', true],
  ])('%s: base64 is %s', (contentType, isBase64Encoded) => {
    const body = Buffer.from('{"ä":1}');
    const made = event({ body, headers: contentType === '' ? {} : { 'content-type': contentType } });
    expect(made.isBase64Encoded).toBe(isBase64Encoded);
    expect(Buffer.from(made.body ?? '', isBase64Encoded ? 'base64' : 'utf8').equals(body)).toBe(true);
  });

  it('encodes a compressed body and leaves out an empty one', () => {
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    expect(event({ body: Buffer.from([1, 2]), headers }).isBase64Encoded).toBe(true);
    expect(event({})).toMatchObject({ isBase64Encoded: false });
    expect(event({})).not.toHaveProperty('body');
  });

  it('answers what the function returned', () => {
    expect(toAnswer({ ok: true })).toMatchObject({ status: 200, body: Buffer.from('{"ok":true}') });
    expect(toAnswer({ statusCode: 204 })).toMatchObject({ status: 204, body: Buffer.alloc(0) });
    expect(
      toAnswer({
        statusCode: 200,
        headers: { 'X-A': 1 },
        cookies: ['a=1', 'b=2'],
        body: 'aGk=',
        isBase64Encoded: true,
      }),
    ).toEqual({
      status: 200,
      headers: [
        ['x-a', '1'],
        ['content-type', 'text/plain; charset=utf-8'],
        ['set-cookie', 'a=1'],
        ['set-cookie', 'b=2'],
      ],
      body: Buffer.from('hi'),
    });
    expect(toAnswer({ statusCode: 'none' }).status).toBe(500);
  });
});

describe('routes', () => {
  const routes = ['GET /a/{id}', 'GET /a/fixed', 'ANY /a/{rest+}', '$default', 'POST /a/fixed'].map(
    (routeKey) => ({
      routeKey,
    }),
  );
  it.each([
    ['GET', '/a/fixed', 'GET /a/fixed', {}],
    ['GET', '/a/x%2Fy', 'GET /a/{id}', { id: 'x/y' }],
    ['PUT', '/a/fixed', 'ANY /a/{rest+}', { rest: 'fixed' }],
    ['GET', '/a/b/c', 'ANY /a/{rest+}', { rest: 'b/c' }],
    ['GET', '/other', '$default', {}],
  ])('%s %s → %s', (method, path, routeKey, pathParameters) => {
    expect(matchRoute(routes, method, path)?.route).toEqual({ routeKey, pathParameters });
  });
  it.each(['/a+b-c', '/a.b', '/(a)', '/{a}b', '/a$'])('takes %s literally', (path) => {
    const literal = [{ routeKey: `GET ${path}/{id}` }];
    expect(matchRoute(literal, 'GET', `${path}/1`)?.route.pathParameters).toEqual({ id: '1' });
    expect(matchRoute(literal, 'GET', `${path}/`)).toBeUndefined();
    expect(matchRoute(literal, 'GET', `${path}/1/2`)).toBeUndefined();
    expect(matchRoute(literal, 'GET', '/aab-c/1')).toBeUndefined();
  });
  it('finds none', () => expect(matchRoute(routes.slice(0, 2), 'POST', '/a/fixed')).toBeUndefined());
});
