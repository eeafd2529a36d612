import { readFileSync } from 'node:fs';

/** Shows what a function finds in its surroundings. */
export const handler = async () => ({
  statusCode: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({
    settings: JSON.parse(readFileSync(new URL('./settings.json', import.meta.url), 'utf8')),
    environment: process.env,
  }),
});
