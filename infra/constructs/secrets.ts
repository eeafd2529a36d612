import { SecretValue, Validations } from 'aws-cdk-lib';
import { Secret, type SecretProps } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { gmailSecretVariable } from '#shared/settings/secrets.ts';
import type { GmailChannelSettings } from '#shared/settings/settings.ts';

/** A secret with the environment variable in which a function finds its ARN. */
export interface ServiceSecret {
  /** Name in the stack and in its outputs, for example `SecretGmailSupport`. */
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
  /** One per Gmail channel, in the order of the settings. */
  readonly gmail: readonly ServiceSecret[];
  readonly all: readonly ServiceSecret[];

  constructor(scope: Construct, id: string, channels: readonly GmailChannelSettings[]) {
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
    this.gmail = channels.map(({ alias }) =>
      this.createSecret(`SecretGmail${pascalCase(alias)}`, gmailSecretVariable(alias), {
        description: `Gmail account ${alias}: OAuth client and refresh token, or a service account that may act for it.`,
        secretObjectValue: empty(
          'clientId',
          'clientSecret',
          'refreshToken',
          'serviceAccountEmail',
          'serviceAccountPrivateKey',
        ),
      }),
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
    this.all = [this.freescout, this.openai, ...this.gmail, this.slack, this.status];
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

function pascalCase(alias: string): string {
  return alias.replaceAll(/(?:^|-+)(.?)/g, (_, first: string) => first.toUpperCase());
}

/** Empty values are no secrets, so they may stand in the template. */
function empty(...keys: readonly string[]): Record<string, SecretValue> {
  return Object.fromEntries(keys.map((key) => [key, SecretValue.unsafePlainText('')]));
}
