import { expect, it } from 'vitest';
import { examplesInEarnest } from '#shared/settings/exampleSettings.ts';
import { parseSettings } from '#shared/settings/settings.ts';

const standIn = 'http://127.0.0.1:8080';

const channel = (address: string) => ({ kind: 'gmail', alias: 'support', address, mailboxId: 1 });

it.each([
  ['Gmail and FreeScout of stand-ins', standIn, standIn, 0],
  ['stand-ins by name', 'http://localhost:8080/', 'http://[::1]:8081', 0],
  ['no FreeScout yet', '', standIn, 0],
  ['the real Gmail', standIn, null, 2],
  ['the real Gmail and no FreeScout yet', '', null, 2],
  ['a FreeScout elsewhere', 'https://desk.shop.de/support', standIn, 2],
])('are wrong only in earnest: %s', (_, url, rootUrl, count) => {
  const settings = parseSettings({ freescout: { url }, gmail: { rootUrl } });
  expect(examplesInEarnest(settings)).toHaveLength(count);
});

it.each([
  ['support@example.com', true],
  ['support@Mail.Example.ORG', true],
  ['support@shop.example', true],
  ['support@desk.test', true],
  ['support@myexample.com', false],
  ['support@example.com.de', false],
  ['support@latest.de', false],
])('%s is the address of an example: %s', (address, isExample) => {
  const settings = parseSettings({ channels: [channel(address)], persona: { company: 'Shop' } });
  expect(examplesInEarnest(settings)).toEqual(
    isExample ? [{ setting: 'address', alias: 'support', address }] : [],
  );
});

it('includes the company of the defaults', () => {
  const channels = [channel('support@shop.de')];
  expect(examplesInEarnest(parseSettings({ channels }))).toEqual([{ setting: 'company' }]);
  expect(examplesInEarnest(parseSettings({ channels, persona: { company: 'Shop' } }))).toEqual([]);
});
