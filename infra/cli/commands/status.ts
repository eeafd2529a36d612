import { type AddCommand, print } from '../command.ts';
import { readMetrics, readReady } from '../statusApi.ts';
import { fields } from '../terminal.ts';

export const addStatus: AddCommand = (program, run) => {
  program
    .command('status')
    .description('how the system is: what /ready and /metrics say; exit code 1 when it is not ready')
    .action(
      run(async (cli) => {
        const deployment = await cli.deployment();
        const [ready, metrics] = await Promise.all([readReady(deployment), readMetrics(deployment)]);
        print(cli, { ...ready, metrics }, () =>
          [
            `${deployment.name}: ${ready.status}${ready.mode ? `, drafts ${ready.mode}` : ''}\n`,
            ...ready.issues.map((issue) => `  – ${issue}\n`),
            '\n',
            fields(metrics),
          ].join(''),
        );
        return ready.status === 'not_ready' ? 1 : 0;
      }),
    );
};
