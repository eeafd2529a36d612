import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import {
  afterReservation,
  dayAndMonth,
  type MeterFigures,
  type MeterPeriod,
  meterAt,
  nanoOf,
  periodOf,
  type SpendKind,
  type SpendLimits,
  type SpendMeter,
  settledPeriod,
} from '../spendMeter.ts';
import {
  contention,
  type Dynamo,
  getByKey,
  itemInTheWay,
  type RawItem,
  readItem,
  transact,
  whileBusy,
} from './requests.ts';

const figuresSchema = z.object({
  day: z.string(),
  month: z.string(),
  dayNano: z.int(),
  monthNano: z.int(),
  draftsToday: z.int(),
}) satisfies z.ZodType<MeterFigures>;

/** Day and month can each begin once under an attempt; more rounds only mean a clock that jumps. */
const rounds = 5;

/**
 * The budget meter: day and month in one item, so that one condition sees both. A reservation adds to the figures where they are, it
 * never writes back what it read; so reservations at the same time neither get lost nor disturb each other.
 */
export function createDynamoSpendMeter(dynamo: Dynamo & { readonly tableName: string }): SpendMeter {
  const key = { key: 'meter' };

  async function read(): Promise<MeterFigures | null> {
    return asFigures(await getByKey(dynamo, dynamo.tableName, key.key));
  }

  return {
    async reserveSpend(kind, usd, limits, at) {
      if (afterReservation(null, kind, usd, limits, at) === null) {
        return false;
      }
      let period: MeterPeriod = 'same-day';
      for (let round = 0; round < rounds; round++) {
        const command = new UpdateCommand({
          TableName: dynamo.tableName,
          Key: key,
          ...reservation(period, kind, usd, limits, at),
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        });
        try {
          await whileBusy(dynamo, () => dynamo.client.send(command));
          return true;
        } catch (error) {
          const figures = asFigures(itemInTheWay(error));
          if (afterReservation(figures, kind, usd, limits, at) === null) {
            return false;
          }
          period = periodOf(figures, at);
        }
      }
      throw contention('The budget meter kept changing under a reservation');
    },

    async settleSpend(reservedUsd, spentUsd, reservedAt) {
      const delta = nanoOf(spentUsd) - nanoOf(reservedUsd);
      let period = settledPeriod(await read(), reservedAt);
      for (let round = 0; round < rounds; round++) {
        if (period === null || delta === 0) {
          return;
        }
        // In a transaction, whose request token keeps a repeated request from giving the money back twice.
        const refused = await transact(dynamo, [
          {
            Update: {
              TableName: dynamo.tableName,
              Key: key,
              UpdateExpression: `ADD ${period === 'day' ? '#dayNano :delta, ' : ''}#monthNano :delta`,
              ConditionExpression: period === 'day' ? '#day = :day' : '#month = :month AND #day <> :day',
              ExpressionAttributeNames: {
                '#day': 'day',
                '#monthNano': 'monthNano',
                ...(period === 'day' ? { '#dayNano': 'dayNano' } : { '#month': 'month' }),
              },
              ExpressionAttributeValues: {
                ':delta': delta,
                ':day': dayAndMonth(reservedAt).day,
                ...(period === 'day' ? {} : { ':month': dayAndMonth(reservedAt).month }),
              },
              ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
            },
          },
        ]);
        const inTheWay = refused.get(0);
        if (inTheWay === undefined) {
          return;
        }
        period = settledPeriod(asFigures(inTheWay), reservedAt);
      }
      throw contention('The budget meter kept changing under a settlement');
    },

    async getMeter(at) {
      return meterAt(await read(), at);
    },
  };
}

/** The conditional update of one reservation, for what is expected to be there. */
function reservation(period: MeterPeriod, kind: SpendKind, usd: number, limits: SpendLimits, at: Date) {
  const { day, month } = dayAndMonth(at);
  const nano = nanoOf(usd);
  const drafts = kind === 'draft' ? 1 : 0;
  const dayLimited = period === 'same-day' && limits.dailyUsd > 0;
  const draftsLimited = period === 'same-day' && limits.draftsPerDay > 0 && drafts > 0;
  const monthLimited = period !== 'new-month' && limits.monthlyUsd > 0;
  const place = {
    'same-day': '#day >= :day',
    'new-day': '#day < :day AND #month = :month',
    'new-month': 'attribute_not_exists(#month) OR #month < :month',
  }[period];
  const conditions = [
    place,
    ...(dayLimited ? ['#dayNano <= :dayRoom'] : []),
    ...(draftsLimited ? ['#drafts <= :draftRoom'] : []),
    ...(monthLimited ? ['#monthNano <= :monthRoom'] : []),
  ];
  const update = {
    'same-day': 'ADD #dayNano :nano, #monthNano :nano, #drafts :drafts',
    'new-day': 'SET #day = :day, #dayNano = :nano, #drafts = :drafts ADD #monthNano :nano',
    'new-month': 'SET #day = :day, #month = :month, #dayNano = :nano, #monthNano = :nano, #drafts = :drafts',
  }[period];
  return {
    UpdateExpression: update,
    ConditionExpression: conditions.join(' AND '),
    ExpressionAttributeNames: {
      '#day': 'day',
      '#dayNano': 'dayNano',
      '#monthNano': 'monthNano',
      '#drafts': 'draftsToday',
      ...(period === 'same-day' ? {} : { '#month': 'month' }),
    },
    ExpressionAttributeValues: {
      ':day': day,
      ':nano': nano,
      ':drafts': drafts,
      ...(period === 'same-day' ? {} : { ':month': month }),
      ...(dayLimited ? { ':dayRoom': nanoOf(limits.dailyUsd) - nano } : {}),
      ...(draftsLimited ? { ':draftRoom': limits.draftsPerDay - drafts } : {}),
      ...(monthLimited ? { ':monthRoom': nanoOf(limits.monthlyUsd) - nano } : {}),
    },
  };
}

function asFigures(item: RawItem | null | undefined): MeterFigures | null {
  return item === null || item === undefined ? null : readItem(figuresSchema, item, 'meter');
}
