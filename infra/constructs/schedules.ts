import type { Duration } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Schedule, ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets';
import { Construct } from 'constructs';
import type { ServiceFunction } from './serviceFunction.ts';

/** Calls functions at fixed intervals. A call that fails is not repeated: the next tick does its work. */
export class Schedules extends Construct {
  every(interval: Duration, target: ServiceFunction): void {
    const role = new Role(this, `${target.node.id}Role`, {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com'),
    });
    role.addToPolicy(
      new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [target.lambda.functionArn] }),
    );
    new Schedule(this, target.node.id, {
      schedule: ScheduleExpression.rate(interval),
      target: new LambdaInvoke(target.lambda, {
        retryAttempts: 0,
        // The target would add every version of the function to the role; it calls only the function itself.
        role: role.withoutPolicyUpdates(),
      }),
    });
  }
}
