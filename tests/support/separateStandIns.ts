import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import * as z from 'zod';

const standInsSchema = z.object({
  desk: z.object({ url: z.url(), apiKey: z.string(), webhookSecret: z.string() }),
  gmail: z.object({ url: z.url(), tokenUrl: z.url(), refreshToken: z.string() }),
  openai: z.object({ baseUrl: z.url() }),
});

/** The stand-ins in a process of their own: a system that is killed or started again finds them as they were. */
export interface SeparateStandIns {
  readonly desk: z.output<typeof standInsSchema>['desk'];
  /** What a system is started with to take them for the real ones. */
  readonly environment: Readonly<Record<string, string>>;
  stop(): void;
}

/** Starts `standInProcess.ts` and waits until it says where the stand-ins are. */
export async function startSeparateStandIns(): Promise<SeparateStandIns> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'standInProcess.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(createInterface(child.stdout), 'line');
  const { desk, gmail, openai } = standInsSchema.parse(JSON.parse(String(line)));
  return {
    desk,
    environment: {
      FREESCOUT_URL: desk.url,
      FREESCOUT_KEY: desk.apiKey,
      FREESCOUT_WEBHOOK_SECRET: desk.webhookSecret,
      GMAIL_CLIENT_ID: 'id',
      GMAIL_CLIENT_SECRET: 'secret',
      GMAIL_REFRESH_TOKEN: gmail.refreshToken,
      GMAIL_ROOT_URL: gmail.url,
      GOOGLE_TOKEN_URL: gmail.tokenUrl,
      OPENAI_API_KEY: 'stand-in',
      OPENAI_BASE_URL: openai.baseUrl,
    },
    stop: () => void child.kill(),
  };
}
