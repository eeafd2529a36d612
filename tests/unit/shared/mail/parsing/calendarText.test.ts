import fc from 'fast-check';
import { expect, it } from 'vitest';
import { calendarText } from '#shared/mail/parsing/calendarText.ts';

function calendar(method: string, ...events: readonly (readonly string[])[]): string {
  const components = events.flatMap((lines) => ['BEGIN:VEVENT', ...lines, 'END:VEVENT']);
  return ['BEGIN:VCALENDAR', `METHOD:${method}`, ...components, 'END:VCALENDAR'].join('\r\n');
}

it.each([
  ['20261201T090000Z', '', '2026-12-01 09:00 UTC'],
  ['20261201T090000', '', '2026-12-01 09:00 (no time zone given)'],
  ['20261201T0900', ';TZID="W. Europe Standard Time"', '2026-12-01 09:00 W. Europe Standard Time'],
  ['20261201', ';VALUE=DATE', '2026-12-01 (whole day)'],
  ['next week', '', 'next week'],
])('shows the time %s%s', (value, parameters, time) => {
  expect(calendarText(calendar('REQUEST', [`DTSTART${parameters}:${value}`]))).toBe(
    `Invitation: (without a title)\nTime: ${time}`,
  );
});

it('shows whatever a reader of an invitation needs', () => {
  const file = calendar('REQUEST', [
    'SUMMARY;LANGUAGE=de:Termin\\, Teil 1\\; und',
    '  2',
    'DTSTART:20261201T090000Z',
    'DTEND:20261201T100000Z',
    'RRULE:FREQ=WEEKLY',
    'LOCATION:Berlin\\nRoom 5',
    'ORGANIZER;CN="Holm, Mira: office";SENT-BY="mailto:x@kunde.test":MAILTO:mira@kunde.test',
    'DESCRIPTION:Please bring\\nthe lamp.',
    'BEGIN:VALARM',
    'DESCRIPTION:Reminder',
    'SUMMARY:Reminder',
    'END:VALARM',
  ]);
  expect(calendarText(file)).toBe(
    [
      'Invitation: Termin, Teil 1; und 2',
      'Time: 2026-12-01 09:00 UTC to 2026-12-01 10:00 UTC',
      'Place: Berlin\nRoom 5',
      'Repeated: yes',
      'Organiser: Holm, Mira: office (mira@kunde.test)',
      '',
      'Please bring\nthe lamp.',
    ].join('\n'),
  );
});

it.each([
  ['REQUEST', 'Invitation: Call'],
  ['request', 'Invitation: Call'],
  ['CANCEL', 'Cancelled event: Call'],
  ['COUNTER', 'Other time proposed for an event: Call'],
  ['PUBLISH', 'Calendar entry: Call'],
  ['REPLY', 'Answer to an invitation: Call\nAnswer: declined, Mira (mira@kunde.test)'],
])('says what %s means', (method, text) => {
  const attendee = 'ATTENDEE;PARTSTAT=DECLINED;CN=Mira:mailto:mira@kunde.test';
  expect(calendarText(calendar(method, ['SUMMARY:Call', attendee]))).toBe(text);
});

it('shows five events and counts the others', () => {
  const events = Array.from({ length: 7 }, (_, at) => [`SUMMARY:Call ${at}`]);
  const shown = calendarText(calendar('REQUEST', ...events)).split('\n\n');
  expect([shown.length, shown[0], shown.at(-1)]).toEqual([6, 'Invitation: Call 0', 'And 2 more.']);
});

it('reads any text, of which nothing need be a calendar', () => {
  const line = fc.constantFrom(
    'BEGIN:VEVENT',
    'END:VEVENT',
    ' x',
    'SUMMARY:a\\',
    'A;B="c:d',
    'DTSTART;:1',
    ':',
    ';=',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(line, fc.string()), { maxLength: 30 }), (lines) => {
      expect(typeof calendarText(lines.join('\n'))).toBe('string');
    }),
  );
});
