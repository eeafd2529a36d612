import { CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import type { Construct } from 'constructs';
import { pollMinutesOf } from '#shared/settings/channels.ts';
import { channelSecretsOf } from '#shared/settings/secrets.ts';
import type { Settings } from '#shared/settings/settings.ts';
import { AlertTopic } from './constructs/alertTopic.ts';
import { CostBudget } from './constructs/costBudget.ts';
import { JobsQueue, lease, workerTimeout } from './constructs/jobsQueue.ts';
import { Monitoring } from './constructs/monitoring/monitoring.ts';
import { PublicApi, watchedRouteThrottle } from './constructs/publicApi.ts';
import { Schedules } from './constructs/schedules.ts';
import { Secrets } from './constructs/secrets.ts';
import { ServiceFunction } from './constructs/serviceFunction.ts';
import { Tables } from './constructs/tables.ts';

export interface CustomerServiceStackProps {
  readonly settings: Settings;
  readonly deployedAt: Date;
  /** Folder with one folder per function. */
  readonly functionsFolder: string;
}

/**
 * The whole system: FreeScout's webhook, the poll of Gmail, the sweep of FreeScout and the look for stale conversations put jobs into one
 * queue, one function works on them and alerts operators, another tells how the system is, a small one tells Slack of CloudWatch's alarms.
 */
export class CustomerServiceStack extends Stack {
  constructor(
    scope: Construct,
    id: string,
    { settings, deployedAt, functionsFolder }: CustomerServiceStackProps,
  ) {
    super(scope, id, {
      description: 'Brings mail into FreeScout, triages it and drafts replies that a human sends.',
    });
    // Read back by the operator's command, which has to know what is deployed, not what the checkout says.
    this.templateOptions.metadata = { settings: asciiJson(settings) };
    const tables = new Tables(this, 'Tables');
    const queues = new JobsQueue(this, 'Queues');
    const { jobs, deadLetters } = queues;
    const secrets = new Secrets(this, 'Secrets', channelSecretsOf(settings));
    const alerts = new AlertTopic(this, 'Alerts', settings.alerts);
    const api = new PublicApi(this, 'PublicApi', settings);
    const webhookUrl = `${api.url}/freescout`;
    const shared = { settings, functionsFolder, tables };

    const webhook = new ServiceFunction(this, 'FreescoutWebhook', {
      ...shared,
      folder: 'freescout-webhook',
      isAwaited: true,
      timeout: Duration.seconds(10),
      memoryMegabytes: 512,
      tableAccess: { SystemState: ['UpdateItem'], WebhookEvents: ['PutItem'] },
      secrets: [secrets.freescout],
      reservedConcurrency: settings.api.webhookConcurrency,
    });
    webhook.maySendTo(jobs);

    const poll = new ServiceFunction(this, 'GmailPoll', {
      ...shared,
      folder: 'gmail-poll',
      timeout: Duration.seconds(110),
      memoryMegabytes: 512,
      tableAccess: {
        ProcessedMessages: ['GetItem', 'BatchGetItem', 'PutItem'],
        SystemState: ['GetItem', 'PutItem', 'UpdateItem'],
      },
      secrets: secrets.channels,
    });
    poll.maySendTo(jobs);

    const sweep = new ServiceFunction(this, 'FreescoutSweep', {
      ...shared,
      folder: 'freescout-sweep',
      timeout: Duration.seconds(240),
      memoryMegabytes: 512,
      tableAccess: {
        ProcessedMessages: ['GetItem', 'BatchGetItem', 'PutItem', 'Query byStatus'],
        BotDrafts: ['GetItem'],
        SystemState: ['GetItem', 'BatchGetItem', 'PutItem', 'UpdateItem'],
      },
      secrets: [secrets.freescout],
    });
    sweep.maySendTo(jobs);

    const followUps = new ServiceFunction(this, 'FollowUps', {
      ...shared,
      folder: 'follow-ups',
      timeout: Duration.seconds(240),
      memoryMegabytes: 512,
      tableAccess: { ProcessedMessages: ['BatchGetItem'], SystemState: ['UpdateItem'] },
      secrets: [secrets.freescout],
    });
    followUps.maySendTo(jobs);

    const worker = new ServiceFunction(this, 'ConversationWorker', {
      ...shared,
      folder: 'conversation-worker',
      timeout: workerTimeout,
      memoryMegabytes: 1024,
      tableAccess: {
        ProcessedMessages: ['GetItem', 'BatchGetItem', 'PutItem', 'Query byStatus', 'WithdrawFollowUps'],
        ThreadMap: ['BatchGetItem', 'PutItem'],
        BotDrafts: ['GetItem', 'PutItem'],
        SystemState: ['GetItem', 'BatchGetItem', 'PutItem', 'UpdateItem'],
      },
      secrets: [secrets.freescout, secrets.openai, ...secrets.channels, secrets.slack],
      environment: { LEASE_SECONDS: String(lease.toSeconds()) },
    });
    worker.maySendTo(jobs);
    alerts.grantPublish(worker);
    worker.worksOn(jobs, settings.worker.maxConcurrency);

    const status = new ServiceFunction(this, 'Status', {
      ...shared,
      folder: 'status',
      // To wait for the look of another environment, and then to look: 25 s. The API gives up after 30 s.
      timeout: Duration.seconds(29),
      memoryMegabytes: 512,
      tableAccess: {
        ProcessedMessages: ['Query byStatus', 'Probe'],
        ThreadMap: ['Probe'],
        BotDrafts: ['Probe'],
        SystemState: ['GetItem', 'BatchGetItem', 'KeepReadiness', 'Probe'],
        WebhookEvents: ['Probe'],
      },
      secrets: [secrets.freescout, secrets.status],
      reservedConcurrency: settings.api.statusConcurrency,
      environment: {
        JOBS_QUEUE_URL: jobs.queueUrl,
        DEAD_LETTER_QUEUE_URL: deadLetters.queueUrl,
        DEPLOYED_AT: deployedAt.toISOString(),
        WEBHOOK_URL: webhookUrl,
      },
    });
    status.allow(['sqs:GetQueueAttributes'], [jobs.queueArn, deadLetters.queueArn]);

    const alarmToSlack = settings.alerts.slack
      ? new ServiceFunction(this, 'AlarmToSlack', {
          ...shared,
          folder: 'alarm-to-slack',
          timeout: Duration.seconds(30),
          memoryMegabytes: 512,
          tableAccess: {},
          secrets: [secrets.slack],
          isRepeated: true,
        })
      : null;
    if (alarmToSlack !== null) {
      alerts.calls(alarmToSlack);
    }

    const schedules = new Schedules(this, 'Schedules');
    schedules.every(Duration.minutes(pollMinutesOf(settings)), poll);
    schedules.every(Duration.minutes(5), sweep);
    schedules.every(Duration.hours(settings.followUps.everyHours), followUps);
    schedules.every(Duration.minutes(1), status);

    api.route(
      HttpMethod.POST,
      '/freescout',
      webhook,
      'The function checks the signature that FreeScout sends.',
    );
    api.route(
      HttpMethod.GET,
      '/health',
      status,
      'Says only that the system runs; load balancers read it.',
      watchedRouteThrottle,
    );
    api.route(
      HttpMethod.GET,
      '/ready',
      status,
      'Without the status token the function answers ready or not, no details.',
      watchedRouteThrottle,
    );
    api.route(
      HttpMethod.GET,
      '/metrics',
      status,
      'The function answers nobody without the status token.',
      watchedRouteThrottle,
    );

    new Monitoring(this, 'Monitoring', {
      settings,
      functions: { webhook, poll, sweep, followUps, worker, status, ...(alarmToSlack && { alarmToSlack }) },
      queues,
      tables,
      api,
      alerts,
    });

    if (settings.costs.monthlyUsd !== null) {
      new CostBudget(this, 'Costs', settings.costs.monthlyUsd, alerts);
    }

    this.output('ApiUrl', api.url, 'Address of the API');
    this.output('WebhookUrl', webhookUrl, 'Enter this address in the webhook screen of FreeScout');
    if (api.domainTarget !== null) {
      this.output('DomainTarget', api.domainTarget, 'Point the DNS record of the own domain here');
    }
    this.output('JobsQueueUrl', jobs.queueUrl, 'Queue of the jobs');
    this.output('DeadLetterQueueUrl', deadLetters.queueUrl, 'Queue of the jobs that failed five times');
    this.output('AlertTopicArn', alerts.topic.topicArn, 'Topic of alerts and alarms');
    for (const [name, table] of Object.entries(tables.byName)) {
      this.output(`Table${name}`, table.tableName, `Table ${name}`);
    }
    for (const { name, secret } of secrets.all) {
      this.output(name, secret.secretArn, secret.node.path);
    }
  }

  private output(name: string, value: string, description: string): void {
    new CfnOutput(this, name, { value, description });
  }
}

/** JSON without any other character than those of ASCII: CloudFormation shows each of them as a question mark when it is asked. */
function asciiJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    /[^ -~]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
