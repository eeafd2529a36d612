/** What a function threw, as Lambda reports it. */
export interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace: readonly string[];
}

/** How a thread is told what it is. */
export interface ThreadData {
  readonly entry: string;
  readonly handlerName: string;
  readonly functionName: string;
  readonly memoryMegabytes: number;
}

export interface ToThread {
  readonly requestId: string;
  readonly event: unknown;
  /** Epoch milliseconds at which the invocation is ended from outside. */
  readonly deadline: number;
}

export type FromThread =
  | { readonly kind: 'ready' }
  | { readonly kind: 'cannot-start'; readonly error: FunctionError }
  | { readonly kind: 'result'; readonly requestId: string; readonly result: string }
  | { readonly kind: 'error'; readonly requestId: string; readonly error: FunctionError };
