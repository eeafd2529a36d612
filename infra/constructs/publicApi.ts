import { RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { AccessLogField, AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  DomainName,
  HttpApi,
  type HttpMethod,
  HttpStage,
  LogGroupLogDestination,
  SecurityPolicy,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Settings } from '#shared/settings/settings.ts';
import type { ServiceFunction } from './serviceFunction.ts';

/** The HTTPS address of the system: throttled, every request in an access log without its content. */
export class PublicApi extends Construct {
  /** Address without a slash at its end. */
  readonly url: string;
  /** Name that the DNS record of the own domain must point to; null without an own domain. */
  readonly domainTarget: string | null;
  readonly api: HttpApi;

  constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id);
    this.api = new HttpApi(this, 'Api', {
      apiName: Stack.of(this).stackName,
      createDefaultStage: false,
      description: 'Customer Service Management: webhook of FreeScout, health and figures',
    });
    const accessLogs = new LogGroup(this, 'AccessLogs', {
      retention: settings.logging.retentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const domain = this.createDomain(settings.api);
    new HttpStage(this, 'Stage', {
      httpApi: this.api,
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit: settings.api.requestsPerSecond, burstLimit: settings.api.burst },
      accessLogSettings: { destination: new LogGroupLogDestination(accessLogs), format: accessLogFormat },
      ...(domain === null ? {} : { domainMapping: { domainName: domain } }),
    });
    this.url = domain === null ? this.api.apiEndpoint : `https://${domain.name}`;
    this.domainTarget = domain === null ? null : domain.regionalDomainName;
  }

  /** @param reason - how the function knows whom it talks to, since the API lets everybody in. */
  route(method: HttpMethod, path: string, target: ServiceFunction, reason: string): void {
    const integration = new HttpLambdaIntegration(`${target.node.id}Integration`, target.lambda);
    for (const route of this.api.addRoutes({ path, methods: [method], integration })) {
      Validations.of(route).acknowledge({ id: 'AwsSolutions-APIG4', reason });
    }
  }

  private createDomain({ domainName, certificateArn }: Settings['api']): DomainName | null {
    if (domainName === null || certificateArn === null) {
      return null;
    }
    return new DomainName(this, 'Domain', {
      domainName,
      certificate: Certificate.fromCertificateArn(this, 'Certificate', certificateArn),
      securityPolicy: SecurityPolicy.TLS_1_2,
    });
  }
}

const accessLogFormat = AccessLogFormat.custom(
  JSON.stringify({
    requestId: AccessLogField.contextRequestId(),
    time: AccessLogField.contextRequestTimeEpoch(),
    ip: AccessLogField.contextIdentitySourceIp(),
    method: AccessLogField.contextHttpMethod(),
    route: AccessLogField.contextRouteKey(),
    status: AccessLogField.contextStatus(),
    responseBytes: AccessLogField.contextResponseLength(),
    latencyMs: AccessLogField.contextResponseLatency(),
    functionError: AccessLogField.contextIntegrationErrorMessage(),
  }),
);
