import { Hono } from 'hono';
import * as z from 'zod';
import { faultSchema } from '#infra/standins/faults.ts';
import type { FaultInjection, FaultKind } from './faults.ts';

const kinds: Readonly<Record<'hang' | 'drop' | 'lose-answer', FaultKind>> = {
  hang: 'timeout',
  drop: 'reset',
  'lose-answer': 'afterWriteTimeout',
};

const deskFaultSchema = faultSchema
  .pick({ method: true, path: true, times: true, status: true, connection: true })
  .refine(({ status, connection }) => (status === undefined) !== (connection === undefined), {
    error: 'needs either a status or a connection',
  });

/** `/control/faults`: makes the next calls of the API fail, in the words that all stand-ins share. */
export function createFaultControl(faults: FaultInjection): Hono {
  const app = new Hono();
  app.post('/control/faults', async (context) => {
    const parsed = deskFaultSchema.safeParse(await context.req.json());
    if (!parsed.success) {
      return context.json({ error: z.prettifyError(parsed.error) }, 400);
    }
    const { method, path, times, status, connection } = parsed.data;
    const kind = status ?? (connection === undefined ? undefined : kinds[connection]);
    if (kind !== undefined) {
      faults.failNext({
        kind,
        times,
        ...(method === undefined ? {} : { method }),
        ...(path === undefined ? {} : { pathPattern: new RegExp(path) }),
      });
    }
    return context.body(null, 204);
  });
  app.delete('/control/faults', (context) => {
    faults.clear();
    return context.body(null, 204);
  });
  return app;
}
