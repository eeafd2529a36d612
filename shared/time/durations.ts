/** Lengths of time in milliseconds. Days are 24 hours: business hours and calendar days are `shared/followUps/businessHours.ts`. */
export const minuteMilliseconds = 60_000;
export const hourMilliseconds = 60 * minuteMilliseconds;
export const dayMilliseconds = 24 * hourMilliseconds;
