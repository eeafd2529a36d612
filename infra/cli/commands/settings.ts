import { readFileSync } from 'node:fs';
import { type AddCommand, print } from '../command.ts';
import { migrateSettings } from '../migrateSettings.ts';
import { CommandFailed } from '../terminal.ts';

export const addSettings: AddCommand = (program, run) => {
  const settings = program.command('settings').description('the settings as text');
  settings
    .command('migrate [file]')
    .description(
      'prints the settings of an earlier release with the names that hold now, and on the standard error what changed; changes no file',
    )
    .action(
      run(async (cli, file: string = 'cdk.json') => {
        const { text, changes } = migrateSettings(textOf(file));
        cli.terminal.err(
          changes.length === 0
            ? `${file} holds no key of an earlier release: the text is the same.\n`
            : `Changed in the text, not in ${file}:\n${changes.map((change) => `  ${change}\n`).join('')}`,
        );
        print(cli, { changes, text }, () => text);
        return 0;
      }),
    );
};

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new CommandFailed(
      `${file} cannot be read (${error instanceof Error ? error.message : String(error)}).`,
    );
  }
}
