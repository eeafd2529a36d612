import { describe, expectTypeOf, it } from 'vitest';
import type { WorkerDependencies } from '#functions/conversation-worker/workerDependencies.ts';
import type { FollowUpsDependencies } from '#functions/follow-ups/followUpsDependencies.ts';
import type { SweepDependencies } from '#functions/freescout-sweep/sweepDependencies.ts';
import type { checkFreeScout } from '#functions/status/freescoutReadiness.ts';
import type { Deployment } from '#infra/cli/deployment.ts';
import type { DraftDependencies } from '#shared/drafts/draftStrategy.ts';
import type { ConversationReader } from '#shared/freescout/conversationReader.ts';
import type { ConversationWriter, NoteWriter } from '#shared/freescout/conversationWriter.ts';
import type { DraftWriter } from '#shared/freescout/draftWriter.ts';
import type { InstallationReader } from '#shared/freescout/installationReader.ts';

/** Fails in the type check. The border test keeps every other file from naming a face that writes. */
describe('of FreeScout', () => {
  it('the sweep and the follow-ups can only read conversations', () => {
    expectTypeOf<Found<SweepDependencies['freescout']>>().toEqualTypeOf<ConversationReader>();
    expectTypeOf<Found<FollowUpsDependencies['freescout']>>().toEqualTypeOf<ConversationReader>();
  });

  it('the status can only read how it is set up', () => {
    expectTypeOf<Parameters<typeof checkFreeScout>[0]['freescout']>().toEqualTypeOf<InstallationReader>();
  });

  it('commands can only read conversations, but for the trial of drafts', () => {
    expectTypeOf<Deployment['freescout']>().toEqualTypeOf<ConversationReader>();
  });

  it('steps of the worker can write no draft', () => {
    expectTypeOf<WorkerDependencies['freescout']>().toEqualTypeOf<ConversationReader & ConversationWriter>();
  });

  it('what keeps drafts can write nothing but drafts and notes', () => {
    expectTypeOf<DraftDependencies['freescout']>().toEqualTypeOf<
      ConversationReader & DraftWriter & NoteWriter
    >();
  });
});

type Found<Open extends () => Promise<unknown>> = NonNullable<Awaited<ReturnType<Open>>>;
