/** One delivery of a job by the queue. */
export interface Delivery {
  /** Owner of the leases taken during this delivery; another delivery of the same job is another owner. */
  readonly owner: string;
  /** 1 for the first. */
  readonly receiveCount: number;
  /** The queue gives the job up after this delivery. */
  readonly last: boolean;
  timeLeftMilliseconds(): number;
}
