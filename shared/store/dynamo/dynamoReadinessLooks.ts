import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { type ConditionName, conditions } from '#shared/observability/conditions.ts';
import { readinessKey } from '../keys.ts';
import {
  clockToleranceMilliseconds,
  type KeptReadiness,
  type ReadinessLooks,
  type Sighting,
} from '../readiness.ts';
import { type Dynamo, getByKey, itemInTheWay, whileBusy } from './requests.ts';

/** Conditions that only a later release knows are left out. */
const keptSchema = z.object({
  lookedAt: z.number(),
  status: z.enum(['ready', 'degraded', 'not_ready']),
  draftMode: z.enum(['guarded', 'managed']).nullable(),
  issues: z
    .array(z.object({ condition: z.string(), says: z.string() }))
    .transform((issues) => issues.flatMap((issue) => withKnownCondition(issue))),
  sightings: z
    .array(z.object({ condition: z.string(), seen: z.boolean(), since: z.string(), stands: z.boolean() }))
    .transform((sightings): Sighting[] => sightings.flatMap((sighting) => withKnownCondition(sighting))),
});

/** The answer of `/ready` and the lease of the next look: one item, with its moments in epoch milliseconds. */
export function createDynamoReadinessLooks(dynamo: Dynamo & { readonly tableName: string }): ReadinessLooks {
  const { client, tableName } = dynamo;
  const item = { TableName: tableName, Key: { key: readinessKey } };

  return {
    async keptReadiness() {
      const kept = keptSchema.safeParse(await getByKey(dynamo, tableName, readinessKey)).data;
      if (kept === undefined) {
        return null;
      }
      const { lookedAt, ...found } = kept;
      return { ...found, at: new Date(lookedAt).toISOString() } satisfies KeptReadiness;
    },

    async beginLook(owner, { at, until, newEnough }) {
      const now = at.getTime();
      const leaseMilliseconds = until.getTime() - now;
      const command = new UpdateCommand({
        ...item,
        UpdateExpression: 'SET #lookingUntil = :until, #lookingBy = :owner',
        ConditionExpression:
          '(attribute_not_exists(#lookingUntil) OR #lookingUntil <= :now OR #lookingUntil > :noLease OR #lookingBy = :owner)' +
          ' AND (attribute_not_exists(#lookedAt) OR #lookedAt < :newEnough OR #lookedAt > :noLook)',
        ExpressionAttributeNames: {
          '#lookingUntil': 'lookingUntil',
          '#lookingBy': 'lookingBy',
          '#lookedAt': 'lookedAt',
        },
        ExpressionAttributeValues: {
          ':until': until.getTime(),
          ':owner': owner,
          ':now': now,
          ':newEnough': newEnough.getTime(),
          ':noLease': now + leaseMilliseconds + clockToleranceMilliseconds,
          ':noLook': now + clockToleranceMilliseconds,
        },
      });
      try {
        await whileBusy(dynamo, () => client.send(command));
        return true;
      } catch (error) {
        itemInTheWay(error);
        return false;
      }
    },

    async keepLook(owner, { at, status, issues, draftMode, sightings }) {
      const command = new UpdateCommand({
        ...item,
        UpdateExpression:
          'SET #lookedAt = :lookedAt, #status = :status, #issues = :issues, #draftMode = :draftMode, #sightings = :sightings' +
          ' REMOVE #lookingUntil, #lookingBy',
        ConditionExpression: '#lookingBy = :owner',
        ExpressionAttributeNames: {
          '#lookedAt': 'lookedAt',
          '#status': 'status',
          '#issues': 'issues',
          '#draftMode': 'draftMode',
          '#sightings': 'sightings',
          '#lookingUntil': 'lookingUntil',
          '#lookingBy': 'lookingBy',
        },
        ExpressionAttributeValues: {
          ':lookedAt': Date.parse(at),
          ':status': status,
          ':issues': issues,
          ':draftMode': draftMode,
          ':sightings': sightings,
          ':owner': owner,
        },
      });
      // A refusal means that the lease had run out: somebody else looks, or has looked since.
      await whileBusy(dynamo, () => client.send(command)).catch(itemInTheWay);
    },
  };
}

function withKnownCondition<About extends { readonly condition: string }>(
  about: About,
): readonly (About & { readonly condition: ConditionName })[] {
  const known = Object.keys(conditions).some((name) => name === about.condition);
  // Object.keys forgets that the names are those of the catalogue.
  return known ? [about as About & { readonly condition: ConditionName }] : [];
}
