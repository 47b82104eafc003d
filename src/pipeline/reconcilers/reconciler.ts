/** When a key that is not settled yet wants to be looked at again. */
export interface LookAgain {
  readonly afterMs: number
}

/**
 * Brings one kind of thing from its actual to its desired state. It reads the present state, never
 * an event; it is idempotent, and would converge from any state with every hint lost.
 */
export interface Reconciler {
  readonly name: string
  /**
   * Every key that may need work now. Asked at start and at each interval, so it must be cheap: no
   * git call, no process.
   */
  keys(): Iterable<string>
  /** The keys that a change of this item concerns; the same rule of cheapness. */
  keysOf(item: number): Iterable<string>
  /**
   * Brings `key` to its desired state. It is never run twice at once for one key. Throwing means
   * trying again later, later each time; `undefined` means settled for now. `signal` is aborted
   * when the program stops.
   */
  reconcile(key: string, signal: AbortSignal): Promise<LookAgain | undefined>
}
