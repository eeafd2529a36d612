/** Whether FreeScout was seen to keep drafts as drafts. Holds for one FreeScout address. */
export type DraftProof =
  | { readonly state: 'proven'; readonly url: string; readonly at: string }
  | { readonly state: 'stopped'; readonly url: string; readonly at: string; readonly reason: string };

/** Remembers whether drafts are safe. */
export interface DraftProofs {
  getDraftProof(): Promise<DraftProof | null>;
  /** A `proven` does not replace a `stopped` of the same address: only {@link clearDraftProof} ends a stop. */
  saveDraftProof(proof: DraftProof): Promise<void>;
  /** For the operator who says that drafts are safe again: the next worker tries a draft before it writes one. */
  clearDraftProof(): Promise<void>;
}
