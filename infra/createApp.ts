import { join } from 'node:path';
import { App, Validations } from 'aws-cdk-lib';
import currentBehaviour from 'aws-cdk-lib/recommended-feature-flags.json' with { type: 'json' };
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { parseJson } from '#shared/http/parseJson.ts';
import { mergeSettings, parseSettings, type Settings } from '#shared/settings/settings.ts';
import { SettingsError } from '#shared/settings/settingsError.ts';
import { CustomerServiceStack } from './customerServiceStack.ts';

/** Name of the stack, and of its template in the output folder: `CustomerServiceManagement.template.json`. */
export const stackName = 'CustomerServiceManagement';

export interface AppOptions {
  /** Checked settings. Omitted: read from the context (`settings`, overridden by `settingsOverride`). */
  readonly settings?: Settings;
  /** Folder of the cloud assembly. Omitted: what the CDK command line says, else a temporary folder. */
  readonly outdir?: string;
  /** Shown as start of the system's uptime. Omitted: now. */
  readonly deployedAt?: Date;
  /** false: the functions' code is not built; for looking at the template only. */
  readonly bundle?: boolean;
  /** false: leaves out the security checks, which a template that is only run locally does not need. */
  readonly checks?: boolean;
  /** Folder with one folder per function. Omitted: the project's `functions`. */
  readonly functionsFolder?: string;
}

/**
 * Builds the CDK app; `createApp(…).synth()` writes the template and the functions' bundles into `outdir`.
 *
 * @throws {SettingsError} when the settings are wrong, with all faults at once.
 */
export function createApp(options: AppOptions = {}): App {
  const app = new App({
    ...(options.outdir === undefined ? {} : { outdir: options.outdir }),
    analyticsReporting: false,
    // Here and not in cdk.json, which only the CDK command line reads: both ways to synthesize give the same template.
    context: { ...currentBehaviour, ...(options.bundle === false ? { 'aws:cdk:bundling-stacks': [] } : {}) },
  });
  if (options.checks !== false) {
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
  }
  new CustomerServiceStack(app, stackName, {
    settings:
      options.settings ??
      settingsFromContext(app.node.tryGetContext('settings'), app.node.tryGetContext('settingsOverride')),
    deployedAt: options.deployedAt ?? new Date(),
    functionsFolder: options.functionsFolder ?? join(import.meta.dirname, '../functions'),
  });
  return app;
}

/**
 * Settings as they stand in the context of `cdk.json`.
 *
 * @param settings - the object under the key `settings`.
 * @param override - JSON of what to lay over it (`cdk deploy -c settingsOverride='{"freescout":{"url":"…"}}'`), or undefined.
 * @throws {SettingsError} with all faults at once.
 */
export function settingsFromContext(settings: unknown, override: unknown): Settings {
  return parseSettings(mergeSettings(settings ?? {}, parseOverride(override)));
}

function parseOverride(override: unknown): unknown {
  if (typeof override !== 'string') {
    return override;
  }
  const parsed = parseJson(override);
  if (parsed === undefined) {
    throw new SettingsError(['settingsOverride: not valid JSON']);
  }
  return parsed;
}
