import * as z from 'zod';
import type { HttpRoute } from './httpApi.ts';
import type { TemplateResource } from './template.ts';
import type { TemplateValues } from './templateValues.ts';
import type { Throttle } from './throttle.ts';

export const apiType = 'AWS::ApiGatewayV2::Api';
export const integrationType = 'AWS::ApiGatewayV2::Integration';
export const routeType = 'AWS::ApiGatewayV2::Route';
export const stageType = 'AWS::ApiGatewayV2::Stage';

const integrationSchema = z.object({
  IntegrationType: z.literal('AWS_PROXY'),
  IntegrationUri: z.string(),
  PayloadFormatVersion: z.literal('2.0'),
});

const routeSchema = z.object({
  RouteKey: z.string(),
  Target: z.string().regex(/^integrations\//),
  AuthorizationType: z.literal('NONE').default('NONE'),
});

/**
 * Routes of the template's HTTP API with the function behind each.
 *
 * @throws for an integration that is not a function with payload format 2.0, and for a route that demands authorisation.
 */
export function apiRoutes(
  resources: readonly (readonly [string, TemplateResource])[],
  values: TemplateValues,
  throttleOf: (routeKey: string) => Throttle | undefined,
  invokeByArn: (functionArn: string) => HttpRoute['invoke'],
): HttpRoute[] {
  const functionOfIntegration = new Map<string, string>();
  for (const [logicalId, { Type, Properties }] of resources) {
    if (Type === integrationType) {
      const integration = integrationSchema.parse(values.resolve(Properties));
      functionOfIntegration.set(logicalId, integration.IntegrationUri);
    }
  }
  return resources
    .filter(([, resource]) => resource.Type === routeType)
    .map(([logicalId, { Properties }]) => {
      const route = routeSchema.parse(values.resolve(Properties));
      const functionArn = functionOfIntegration.get(route.Target.replace('integrations/', ''));
      if (functionArn === undefined) {
        throw new Error(`The route ${logicalId} has no integration in the template.`);
      }
      return {
        routeKey: route.RouteKey,
        throttle: throttleOf(route.RouteKey),
        invoke: invokeByArn(functionArn),
      };
    });
}
