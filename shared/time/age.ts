import { minuteMilliseconds } from './durations.ts';

/** How long ago something was, as people say it: `3 min ago`, `5 h ago`, `4 days ago`. An instant to come counts as now. */
export function ageOf(since: Date, now: Date): string {
  const minutes = Math.max(0, Math.floor((now.getTime() - since.getTime()) / minuteMilliseconds));
  if (minutes < 120) {
    return `${minutes} min ago`;
  }
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ago` : `${Math.floor(hours / 24)} days ago`;
}
