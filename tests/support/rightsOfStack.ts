import * as z from 'zod';
import { plainName, type Resource, type SynthesizedStack } from './synthesizeStack.ts';

const oneOrMore = <Item extends z.ZodType>(item: Item) =>
  z.union([z.array(item), item.transform((value) => [value])]);

const policySchema = z.object({
  PolicyDocument: z.object({
    Statement: z.array(
      z.strictObject({
        Action: oneOrMore(z.string()),
        Effect: z.literal('Allow'),
        Resource: oneOrMore(z.unknown()),
        Condition: z.unknown().optional(),
      }),
    ),
  }),
  Roles: z.array(z.unknown()),
});

/** The stack's policies; throws when one says more than: allow these actions on these resources, on this condition. */
export function policies(stack: SynthesizedStack): readonly z.infer<typeof policySchema>[] {
  return stack.ofType('AWS::IAM::Policy').map(({ Properties }) => policySchema.parse(Properties));
}

const joinSchema = z.strictObject({
  'Fn::Join': z.tuple([z.literal(''), z.tuple([z.unknown(), z.string()])]),
});

/** A resource of a policy: its name in the stack, with what follows in the ARN. */
export function resourceName(stack: SynthesizedStack, resource: unknown): string {
  const join = joinSchema.safeParse(resource);
  return join.success
    ? `${plainName(stack.target(join.data['Fn::Join'][1][0]).id)}${join.data['Fn::Join'][1][1]}`
    : plainName(stack.target(resource).id);
}

/** What a role may do: actions by resource. */
export function rightsOfRole(stack: SynthesizedStack, role: Resource): Record<string, string[]> {
  const rights: Record<string, string[]> = {};
  for (const { PolicyDocument, Roles } of policies(stack)) {
    if (!Roles.some((each) => stack.target(each).id === role.id)) {
      continue;
    }
    for (const { Action, Resource } of PolicyDocument.Statement) {
      for (const name of Resource.map((resource) => resourceName(stack, resource))) {
        rights[name] = [...(rights[name] ?? []), ...Action].sort();
      }
    }
  }
  return rights;
}

/** What a function may do, by the function's name in the stack. */
export function rightsOf(stack: SynthesizedStack, name: string): Record<string, string[]> {
  const found = stack.ofType('AWS::Lambda::Function').find(({ id }) => plainName(id) === `${name}Function`);
  if (found === undefined) {
    throw new Error(`no function ${name}`);
  }
  return rightsOfRole(stack, stack.target(found.Properties.Role));
}
