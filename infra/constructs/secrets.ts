import { SecretValue, Validations } from 'aws-cdk-lib';
import { Secret, type SecretProps } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { ChannelSecret } from '#shared/settings/secrets.ts';

/** A secret with the environment variable in which a function finds its ARN. */
export interface ServiceSecret {
  /** Name in the stack and in its outputs, for example `SecretFreeScout`. */
  readonly name: string;
  readonly variable: string;
  readonly secret: Secret;
}

/**
 * What the system needs to be let in elsewhere. Each starts as JSON with empty values, which means "not configured"; the
 * operator fills them in.
 *
 * The JSON must never change: CloudFormation writes a changed template over what the operator filled in.
 */
export class Secrets extends Construct {
  readonly freescout: ServiceSecret;
  readonly openai: ServiceSecret;
  readonly slack: ServiceSecret;
  readonly status: ServiceSecret;
  /** One per channel that has one, in the order of the settings. */
  readonly channels: readonly ServiceSecret[];
  readonly all: readonly ServiceSecret[];

  constructor(scope: Construct, id: string, channelSecrets: readonly ChannelSecret[]) {
    super(scope, id);
    this.freescout = this.createSecret('SecretFreeScout', 'SECRET_FREESCOUT', {
      description:
        'FreeScout: API key, webhook secret, and the previous webhook secret while it is being replaced.',
      secretObjectValue: empty('apiKey', 'webhookSecret', 'webhookSecretPrevious'),
    });
    this.openai = this.createSecret('SecretOpenAI', 'SECRET_OPENAI', {
      description: 'OpenAI: API key.',
      secretObjectValue: empty('apiKey'),
    });
    this.channels = channelSecrets.map(({ name, variable, description, keys }) =>
      this.createSecret(`Secret${name}`, variable, { description, secretObjectValue: empty(...keys) }),
    );
    this.slack = this.createSecret('SecretSlack', 'SECRET_SLACK', {
      description: 'Slack: incoming webhook that alerts go to.',
      secretObjectValue: empty('webhookUrl'),
    });
    this.status = this.createSecret('SecretStatus', 'SECRET_STATUS', {
      description: 'Token for the details of /ready and for /metrics; generated.',
      generateSecretString: {
        secretStringTemplate: '{}',
        generateStringKey: 'token',
        passwordLength: 48,
        excludePunctuation: true,
      },
    });
    this.all = [this.freescout, this.openai, ...this.channels, this.slack, this.status];
  }

  private createSecret(name: string, variable: string, props: SecretProps): ServiceSecret {
    const secret = new Secret(this, name, props);
    Validations.of(secret).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason:
        'Issued by FreeScout, Google, OpenAI or Slack, or agreed with whoever reads /metrics: none of them can be rotated by a function here. RUNBOOK.md says how to replace each by hand.',
    });
    return { name, variable, secret };
  }
}

/** Empty values are no secrets, so they may stand in the template. */
function empty(...keys: readonly string[]): Record<string, SecretValue> {
  return Object.fromEntries(keys.map((key) => [key, SecretValue.unsafePlainText('')]));
}
