#!/usr/bin/env node
import { runCsm } from './program.ts';
import { processTerminal } from './terminal.ts';

/* `npm run csm -- <command>`: the operator's command. */
process.exitCode = await runCsm(process.argv.slice(2), processTerminal());
