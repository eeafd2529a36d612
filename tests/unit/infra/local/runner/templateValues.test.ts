import { describe, expect, it } from 'vitest';
import type { Template } from '#infra/local/runner/template.ts';
import { templateValues } from '#infra/local/runner/templateValues.ts';

const values = (parts: Partial<Template> = {}) => {
  const own = templateValues({
    stackName: 'Stack',
    Resources: { Topic: { Type: 'AWS::SNS::Topic', Properties: {}, Metadata: {} } },
    Outputs: {},
    Parameters: { Size: { Default: 'large' } },
    Conditions: {
      IsLarge: { 'Fn::Equals': [{ Ref: 'Size' }, 'large'] },
      IsSmall: { 'Fn::Not': [{ Condition: 'IsLarge' }] },
      Either: { 'Fn::Or': [{ Condition: 'IsSmall' }, { Condition: 'IsLarge' }] },
      Both: { 'Fn::And': [{ Condition: 'IsSmall' }, { Condition: 'IsLarge' }] },
    },
    Mappings: { ByRegion: { 'us-east-1': { name: 'east' } } },
    assetPath: (key) => key,
    ...parts,
  });
  own.register('Queue', { ref: 'http://queue', attributes: { Arn: 'arn:queue', 'A.B': 'deep' } });
  return own;
};

/** CloudFormation's notation of variables. */
const sub = (text: string) => text.replaceAll('<', '$\u007b').replaceAll('>', '}');

describe('values of a template', () => {
  it.each([
    [{ Ref: 'Queue' }, 'http://queue'],
    [{ Ref: 'Size' }, 'large'],
    [{ Ref: 'AWS::Region' }, 'us-east-1'],
    [{ 'Fn::GetAtt': ['Queue', 'Arn'] }, 'arn:queue'],
    [{ 'Fn::GetAtt': 'Queue.A.B' }, 'deep'],
    [{ 'Fn::Join': ['-', ['a', { Ref: 'AWS::Partition' }, 3]] }, 'a-aws-3'],
    [{ 'Fn::Join': ['', { 'Fn::Split': [':', { 'Fn::GetAtt': ['Queue', 'Arn'] }] }] }, 'arnqueue'],
    [{ 'Fn::Select': [1, { 'Fn::Split': ['/', 'a/b/c'] }] }, 'b'],
    [{ 'Fn::Select': ['0', ['x', 'y']] }, 'x'],
    [
      { 'Fn::Sub': sub('q=<Queue> <Queue.Arn> <AWS::AccountId> <!Literal>') },
      sub('q=http://queue arn:queue 000000000000 <Literal>'),
    ],
    [{ 'Fn::Sub': [sub('<X>-<Size>'), { X: { Ref: 'AWS::StackName' } }] }, 'Stack-large'],
    [{ 'Fn::If': ['IsLarge', 'yes', 'no'] }, 'yes'],
    [{ 'Fn::If': ['IsSmall', 'yes', 'no'] }, 'no'],
    [{ 'Fn::If': ['Either', 1, 2] }, 1],
    [{ 'Fn::If': ['Both', 1, 2] }, 2],
    [{ 'Fn::FindInMap': ['ByRegion', { Ref: 'AWS::Region' }, 'name'] }, 'east'],
    [{ 'Fn::Base64': 'a' }, 'YQ=='],
    [
      { a: [{ Ref: 'Size' }, { Ref: 'AWS::NoValue' }], b: { Ref: 'AWS::NoValue' }, c: { d: true } },
      { a: ['large'], c: { d: true } },
    ],
  ])('%j', (value, expected) => expect(values().resolve(value)).toEqual(expected));

  it.each([
    [{ Ref: 'Topic' }, 'refers to Topic (AWS::SNS::Topic), which does not run on one machine'],
    [{ Ref: 'Nothing' }, 'refers to Nothing'],
    [{ 'Fn::GetAtt': ['Queue', 'Size'] }, 'Queue.Size, which is not known'],
    [{ 'Fn::ImportValue': 'x' }, 'Fn::ImportValue, which is not supported'],
    [{ 'Fn::If': ['Unknown', 1, 2] }, 'no condition Unknown'],
    [{ 'Fn::FindInMap': ['ByRegion', 'eu', 'name'] }, 'no mapping'],
    [{ 'Fn::Join': ['', [{ Ref: 'AWS::NotificationARNs' }]] }, 'where a text is expected'],
  ])('refuses %j', (value, fault) => expect(() => values().resolve(value)).toThrow(fault));

  it('tells whether a resource is there', () => {
    expect(values().holds(undefined)).toBe(true);
    expect(values().holds('IsSmall')).toBe(false);
  });
});
