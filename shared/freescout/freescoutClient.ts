import { Failure, type FailureCode } from '#shared/failure/failure.ts';
import type { ConversationReader } from './conversationReader.ts';
import type { ConversationWriter } from './conversationWriter.ts';
import type { DraftWriter } from './draftWriter.ts';
import type { InstallationReader } from './installationReader.ts';
import type { ProofConversations } from './proofConversations.ts';

/**
 * A call to FreeScout failed. `nothingWritten` is true when the answer (or its absence: no connection, TLS failure) proves that
 * FreeScout wrote nothing: 400, 401, 403, 404, 405, 413, 422. A 5xx, a timeout or a missing `Resource-ID` prove nothing.
 */
export class FreeScoutFailure extends Failure {
  readonly status: number | null;
  readonly nothingWritten: boolean;

  constructor(
    code: FailureCode,
    message: string,
    options: {
      readonly retryable: boolean;
      readonly status: number | null;
      readonly nothingWritten: boolean;
      readonly retryAfterSeconds?: number | null;
      readonly cause?: unknown;
    },
  ) {
    super(code, message, options);
    this.name = 'FreeScoutFailure';
    this.status = options.status;
    this.nothingWritten = options.nothingWritten;
  }
}

/**
 * All that we ask of FreeScout, for those who make the client. Everything else takes the faces that it needs. Nothing here publishes a
 * reply: the only message that it can write is a draft.
 *
 * Ids are FreeScout's; `number` of a conversation is only for people.
 */
export interface FreeScoutClient
  extends ConversationReader,
    ConversationWriter,
    DraftWriter,
    InstallationReader,
    ProofConversations {}
