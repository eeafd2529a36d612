import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { synthesizeStack } from '#tests/support/synthesizeStack.ts';

it('README names every route of the API', () => {
  const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
  const routes = synthesizeStack()
    .ofType('AWS::ApiGatewayV2::Route')
    .map(({ Properties }) => String(Properties.RouteKey));
  expect(routes.length).toBeGreaterThan(0);
  expect(routes.filter((route) => !readme.includes(`| \`${route}\` |`))).toEqual([]);
});
