import { RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { AccessLogField, AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  CfnStage,
  DomainName,
  HttpApi,
  type HttpMethod,
  HttpStage,
  LogGroupLogDestination,
  SecurityPolicy,
  type ThrottleSettings,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Settings } from '#shared/settings/settings.ts';
import type { ServiceFunction } from './serviceFunction.ts';

/**
 * Requests a second, and at once after a rest, on a route that watchers call every few seconds. A flood of such a route costs no more
 * than these, and takes nothing from the route that FreeScout calls: each route counts for itself.
 */
export const watchedRouteThrottle = { rateLimit: 10, burstLimit: 20 } as const;

/** The HTTPS address of the system: throttled, every request in an access log without its content. */
export class PublicApi extends Construct {
  /** Address without a slash at its end. */
  readonly url: string;
  /** Name that the DNS record of the own domain must point to; null without an own domain. */
  readonly domainTarget: string | null;
  readonly api: HttpApi;
  private readonly stage: CfnStage;
  private readonly wholeThrottle: ThrottleSettings;
  private readonly routeSettings: Record<string, object> = {};

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
    this.wholeThrottle = { rateLimit: settings.api.requestsPerSecond, burstLimit: settings.api.burst };
    const stage = new HttpStage(this, 'Stage', {
      httpApi: this.api,
      stageName: '$default',
      autoDeploy: true,
      throttle: this.wholeThrottle,
      accessLogSettings: { destination: new LogGroupLogDestination(accessLogs), format: accessLogFormat },
      ...(domain === null ? {} : { domainMapping: { domainName: domain } }),
    });
    this.stage = cfnStageOf(stage);
    this.stage.routeSettings = this.routeSettings;
    this.url = domain === null ? this.api.apiEndpoint : `https://${domain.name}`;
    this.domainTarget = domain === null ? null : domain.regionalDomainName;
  }

  /**
   * Leads requests to a function.
   *
   * @param reason - how the function knows whom it talks to, since the API lets everybody in.
   * @param throttle - how many requests the route lets through. Omitted: as many as the settings say.
   */
  route(
    method: HttpMethod,
    path: string,
    target: ServiceFunction,
    reason: string,
    { rateLimit, burstLimit }: ThrottleSettings = this.wholeThrottle,
  ): void {
    const integration = new HttpLambdaIntegration(`${target.node.id}Integration`, target.lambda);
    for (const route of this.api.addRoutes({ path, methods: [method], integration })) {
      Validations.of(route).acknowledge({ id: 'AwsSolutions-APIG4', reason });
      // AWS refuses a stage that names a route which does not exist yet.
      this.stage.node.addDependency(route);
    }
    this.routeSettings[`${method} ${path}`] = {
      ThrottlingRateLimit: rateLimit,
      ThrottlingBurstLimit: burstLimit,
    };
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

/** The stage as CloudFormation knows it: CDK's own construct has no property for the settings of single routes. */
function cfnStageOf(stage: HttpStage): CfnStage {
  const { defaultChild } = stage.node;
  if (!(defaultChild instanceof CfnStage)) {
    throw new Error('The stage of the API is not the resource that it was.');
  }
  return defaultChild;
}

/** Without the caller's address: API Gateway cannot shorten it, and whole it is personal data that nothing here needs. */
const accessLogFormat = AccessLogFormat.custom(
  JSON.stringify({
    requestId: AccessLogField.contextRequestId(),
    time: AccessLogField.contextRequestTimeEpoch(),
    method: AccessLogField.contextHttpMethod(),
    route: AccessLogField.contextRouteKey(),
    status: AccessLogField.contextStatus(),
    responseBytes: AccessLogField.contextResponseLength(),
    latencyMs: AccessLogField.contextResponseLatency(),
    functionError: AccessLogField.contextIntegrationErrorMessage(),
  }),
);
