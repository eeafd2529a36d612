import * as z from 'zod';

/** What goes wrong with the next calls that match. Also the shape `POST <stand-in>/control/faults` takes. */
export const faultSchema = z.strictObject({
  method: z.string().optional(),
  /** Regular expression over the path without query. */
  path: z.string().optional(),
  /** How many matching calls are hit. */
  times: z.int().positive().default(1),
  /** Answer with this status instead of the real answer. */
  status: z.int().min(400).max(599).optional(),
  /** Reason in the error body, where the service has one, for example `rateLimitExceeded`. */
  reason: z.string().optional(),
  retryAfterSeconds: z.number().optional(),
  /** Wait before anything else happens. */
  delayMilliseconds: z.number().optional(),
  /** `hang` never answers; `drop` breaks the connection; `lose-answer` does the work and breaks the connection. */
  connection: z.enum(['hang', 'drop', 'lose-answer']).optional(),
  /** Kinds of answer only a model gives. */
  answer: z.enum(['refusal', 'incomplete', 'malformed']).optional(),
});

export type Fault = z.input<typeof faultSchema>;
type CheckedFault = z.output<typeof faultSchema>;

export interface Faults {
  readonly add: (fault: Fault) => void;
  readonly clear: () => void;
  /** The fault for this call, used up by asking. */
  readonly take: (method: string, path: string) => CheckedFault | undefined;
}

/** Faults waiting for their call, in the order they were added. */
export function faultQueue(): Faults {
  let waiting: { readonly fault: CheckedFault; left: number }[] = [];
  return {
    add: (fault) => {
      const checked = faultSchema.parse(fault);
      waiting.push({ fault: checked, left: checked.times });
    },
    clear: () => {
      waiting = [];
    },
    take: (method, path) => {
      const hit = waiting.find(
        ({ fault }) =>
          (fault.method === undefined || fault.method === method) &&
          (fault.path === undefined || new RegExp(fault.path).test(path)),
      );
      if (hit === undefined) {
        return undefined;
      }
      hit.left -= 1;
      waiting = waiting.filter((each) => each.left > 0);
      return hit.fault;
    },
  };
}
