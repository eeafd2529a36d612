import type { AddCommand } from '../command.ts';
import { addConnectFreescout } from './connectFreescout.ts';
import { addConnectGmail } from './connectGmail.ts';
import { addConnectOpenai } from './connectOpenai.ts';

export const addConnect: AddCommand = (program, run) => {
  const connect = program
    .command('connect')
    .description('connect Gmail, FreeScout or OpenAI: checks the credentials, then keeps them');
  for (const add of [addConnectGmail, addConnectFreescout, addConnectOpenai]) {
    add(connect, run);
  }
};
