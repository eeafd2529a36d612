/** Time as the stand-in sees it. A simulation passes a virtual one. */
export type Clock = {
  now(): Date;
  /** Runs `run` once after `milliseconds`; the returned function cancels it. */
  setTimer(milliseconds: number, run: () => void): () => void;
};

/** The machine's own time. Timers do not keep the process alive. */
export const machineClock: Clock = {
  now: () => new Date(),
  setTimer: (milliseconds, run) => {
    const timer = setTimeout(run, milliseconds);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** `YYYY-MM-DDThh:mm:ssZ`: FreeScout stores whole seconds. */
export const toSeconds = (date: Date): string => `${date.toISOString().slice(0, 19)}Z`;

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** The words FreeScout puts into `customerWaitingSince.friendly`. */
export function friendlyAge(time: string, now: Date): string {
  const then = new Date(time);
  const seconds = Math.abs(Math.floor((now.getTime() - then.getTime()) / 1000));
  if (seconds <= 60) {
    return 'Just now';
  }
  const days = Math.floor(seconds / 86_400);
  if (days > 7) {
    const day = `${months[then.getUTCMonth()] ?? ''} ${then.getUTCDate()}`;
    return then.getUTCFullYear() === now.getUTCFullYear() ? day : `${day}, ${then.getUTCFullYear()}`;
  }
  const side = then.getTime() > now.getTime() ? 'from now' : 'ago';
  if (seconds < 3600) {
    return `${Math.floor(seconds / 60)} min ${side}`;
  }
  const count = (value: number, unit: string) => `${value} ${unit}${value === 1 ? '' : 's'} ${side}`;
  if (days < 1) {
    return count(Math.floor(seconds / 3600), 'hour');
  }
  return days === 7 ? count(1, 'week') : count(days, 'day');
}
