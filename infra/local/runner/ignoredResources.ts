/**
 * What of the template has no counterpart on one machine and is left out knowingly. A type that is neither here nor run is an
 * error: a part that matters must not be missing in silence.
 */
export const ignoredResourceTypes: ReadonlySet<string> = new Set([
  // permissions: everything on one machine runs as the same user
  'AWS::IAM::Role',
  'AWS::IAM::Policy',
  'AWS::IAM::ManagedPolicy',
  'AWS::Lambda::Permission',
  'AWS::SQS::QueuePolicy',
  'AWS::SNS::TopicPolicy',
  'AWS::SecretsManager::ResourcePolicy',
  'AWS::KMS::Key',
  'AWS::KMS::Alias',
  // watching: the log lines are printed, the figures are in /metrics, alarms are evaluated beside the runner
  'AWS::Logs::LogGroup',
  'AWS::Logs::MetricFilter',
  'AWS::Logs::QueryDefinition',
  'AWS::Logs::ResourcePolicy',
  'AWS::CloudWatch::Alarm',
  'AWS::CloudWatch::CompositeAlarm',
  'AWS::CloudWatch::Dashboard',
  'AWS::SNS::Subscription',
  // the bill of AWS
  'AWS::Budgets::Budget',
  // the outside of the API: its routes and its throttling run, its name is AWS's
  'AWS::ApiGatewayV2::DomainName',
  'AWS::ApiGatewayV2::ApiMapping',
  'AWS::Route53::RecordSet',
  // retries of asynchronous calls are 0, groups only name schedules
  'AWS::Lambda::EventInvokeConfig',
  'AWS::Scheduler::ScheduleGroup',
  'AWS::CDK::Metadata',
]);
