/**
 * What a calendar file (RFC 5545) tells a reader: which event, when, where, who asks. Only what is shown is read; times are shown as
 * sent, in the zone that the file names.
 */

const maxFile = 500_000;
const maxEvents = 5;
const maxValue = 2_000;

/** What the sender does with the event: METHOD (RFC 5546, section 1.4). */
const titles: Readonly<Record<string, string>> = {
  REQUEST: 'Invitation',
  CANCEL: 'Cancelled event',
  REPLY: 'Answer to an invitation',
  COUNTER: 'Other time proposed for an event',
};

const shownAnswers: Readonly<Record<string, string>> = {
  ACCEPTED: 'accepted',
  DECLINED: 'declined',
  TENTATIVE: 'perhaps',
};

interface Property {
  readonly name: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly value: string;
}

type CalendarEvent = ReadonlyMap<string, Property>;

/** The events of a calendar file as text; '' when there is none. */
export function calendarText(file: string): string {
  const { method, events } = eventsIn(file.slice(0, maxFile));
  const title = titles[method] ?? 'Calendar entry';
  const shown = events.slice(0, maxEvents).map((event) => eventText(title, method, event));
  const more = events.length - shown.length;
  return [...shown, ...(more > 0 ? [`And ${more} more.`] : [])].join('\n\n');
}

function eventsIn(file: string): { readonly method: string; readonly events: readonly CalendarEvent[] } {
  const events: CalendarEvent[] = [];
  const open: string[] = [];
  let event = new Map<string, Property>();
  let method = '';
  for (const line of file.replace(/\r?\n[ \t]/g, '').split(/\r?\n/)) {
    const property = propertyIn(line);
    const component = property?.value.trim().toUpperCase() ?? '';
    if (property === null) {
      continue;
    }
    if (property.name === 'BEGIN') {
      open.push(component);
      event = component === 'VEVENT' ? new Map<string, Property>() : event;
    } else if (property.name === 'END') {
      open.pop();
      if (component === 'VEVENT') {
        events.push(event);
      }
    } else if (property.name === 'METHOD') {
      method = component;
    } else if (open.at(-1) === 'VEVENT' && !event.has(property.name)) {
      event.set(property.name, property);
    }
  }
  return { method, events };
}

function propertyIn(line: string): Property | null {
  const colon = valueStart(line);
  if (colon < 0) {
    return null;
  }
  const [name = '', ...rest] = line.slice(0, colon).match(/(?:"[^"]*"|[^;"])+/g) ?? [];
  const parameters = new Map<string, string>();
  for (const parameter of rest) {
    const at = parameter.indexOf('=');
    parameters.set(parameter.slice(0, at).toUpperCase(), parameter.slice(at + 1).replaceAll('"', ''));
  }
  return { name: name.toUpperCase(), parameters, value: line.slice(colon + 1) };
}

/** Values of parameters may hold colons when they are quoted. */
function valueStart(line: string): number {
  let isQuoted = false;
  for (let at = 0; at < line.length; at++) {
    if (line[at] === '"') {
      isQuoted = !isQuoted;
    } else if (line[at] === ':' && !isQuoted) {
      return at;
    }
  }
  return -1;
}

function eventText(title: string, method: string, event: CalendarEvent): string {
  const start = timeText(event.get('DTSTART'));
  const end = timeText(event.get('DTEND'));
  const answer = event.get('ATTENDEE');
  const lines = [
    `${title}: ${textValue(event.get('SUMMARY')) || '(without a title)'}`,
    start === '' ? '' : `Time: ${end === '' || end === start ? start : `${start} to ${end}`}`,
    textValue(event.get('LOCATION')) === '' ? '' : `Place: ${textValue(event.get('LOCATION'))}`,
    event.has('RRULE') ? 'Repeated: yes' : '',
    event.has('ORGANIZER') ? `Organiser: ${person(event.get('ORGANIZER'))}` : '',
    method === 'REPLY' && answer !== undefined ? `Answer: ${answerText(answer)}` : '',
  ].filter((line) => line !== '');
  const description = textValue(event.get('DESCRIPTION'));
  return description === '' ? lines.join('\n') : `${lines.join('\n')}\n\n${description}`;
}

function answerText(attendee: Property): string {
  const answer = shownAnswers[attendee.parameters.get('PARTSTAT')?.toUpperCase() ?? ''] ?? 'none';
  return `${answer}, ${person(attendee)}`;
}

function person(property: Property | undefined): string {
  const address = property?.value.trim().replace(/^mailto:/i, '') ?? '';
  const name = property?.parameters.get('CN')?.trim() ?? '';
  return name === '' || name === address ? address : `${name} (${address})`;
}

/** `20261201T090000Z` as `2026-12-01 09:00 UTC`; what has another form is shown as sent. */
function timeText(property: Property | undefined): string {
  const value = property?.value.trim() ?? '';
  const [, year, month, day, hour, minute, utc] =
    /^(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})\d{0,2}(Z?))?$/.exec(value) ?? [];
  if (year === undefined) {
    return value.slice(0, 100);
  }
  const date = `${year}-${month}-${day}`;
  if (hour === undefined) {
    return `${date} (whole day)`;
  }
  const zone = utc === 'Z' ? 'UTC' : (property?.parameters.get('TZID') ?? '');
  return `${date} ${hour}:${minute} ${zone === '' ? '(no time zone given)' : zone}`;
}

/** RFC 5545, section 3.3.11. */
function textValue(property: Property | undefined): string {
  return (property?.value ?? '')
    .slice(0, maxValue)
    .replace(/\\([nN,;\\])/g, (_, escaped: string) => (/n/i.test(escaped) ? '\n' : escaped))
    .trim();
}
