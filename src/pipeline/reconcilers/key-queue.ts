import type { Clock, Timer } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import { Problem } from '../../kernel/problem.ts'
import type { Reconciler } from './reconciler.ts'

/** What a queue needs from outside. */
export interface Surroundings {
  readonly clock: Clock
  /** From 0 up to 1, for the jitter of back-off. */
  readonly random: () => number
  readonly log: Log
}

const firstDelayMs = 1_000
const longestDelayMs = 300_000

/**
 * The keys of one reconciler: each waits at most once, none is run twice at once, and at most
 * `concurrency` of them run at a time. A key that fails is tried again, later each time.
 */
export class KeyQueue {
  readonly #reconciler: Reconciler
  readonly #concurrency: number
  readonly #surroundings: Surroundings
  readonly #settled: () => void
  readonly #stopping = new AbortController()
  readonly #queued = new Set<string>()
  readonly #running = new Set<string>()
  /** Hinted while they ran: what they have read may be out of date. */
  readonly #again = new Set<string>()
  /** How often in a row a key has failed. */
  readonly #failures = new Map<string, number>()
  readonly #retries = new Map<string, Timer>()
  readonly #looks = new Map<string, Timer>()
  #pumping = false

  /** `settled` is called after each run, when `busy` may have changed. */
  constructor(
    reconciler: Reconciler,
    concurrency: number,
    surroundings: Surroundings,
    settled: () => void,
  ) {
    this.#reconciler = reconciler
    this.#concurrency = concurrency
    this.#surroundings = surroundings
    this.#settled = settled
  }

  /** Whether a key is queued, running or in back-off. */
  get busy(): boolean {
    return this.#queued.size + this.#running.size + this.#retries.size > 0
  }

  /** Something about `key` has changed: it is looked at now, or once more after the present run. */
  hint(key: string): void {
    if (this.#stopping.signal.aborted) return
    if (this.#running.has(key)) {
      this.#again.add(key)
      return
    }
    cancel(this.#retries, key)
    cancel(this.#looks, key)
    this.#queued.add(key)
    this.#pumpSoon()
  }

  /** Looks at every key that may need work, those apart that wait for a retry. */
  pass(): void {
    for (const key of this.#ask(() => this.#reconciler.keys())) {
      if (!this.#retries.has(key) && !this.#running.has(key)) this.hint(key)
    }
  }

  /** Hints every key that a change of `item` concerns. */
  hintItem(item: number): void {
    for (const key of this.#ask(() => this.#reconciler.keysOf(item))) this.hint(key)
  }

  /** Hints every key that may need work. */
  hintAll(): void {
    for (const key of this.#ask(() => this.#reconciler.keys())) this.hint(key)
  }

  /** Aborts what runs and forgets what waits; what runs is over when `busy` is false. */
  stop(): void {
    this.#stopping.abort(new Problem('stopping', 'Huskies is stopping.'))
    this.#queued.clear()
    for (const timers of [this.#retries, this.#looks]) {
      for (const key of [...timers.keys()]) cancel(timers, key)
    }
  }

  /** A reconciler that cannot name its keys must not break whoever changed an item. */
  #ask(keys: () => Iterable<string>): string[] {
    try {
      return [...keys()]
    } catch (error) {
      const { name: reconciler } = this.#reconciler
      this.#surroundings.log.error({ reconciler, err: error }, 'A reconciler has lost its keys.')
      return []
    }
  }

  /** Starts at the end of the present call, so that a burst of hints becomes one run. */
  #pumpSoon(): void {
    if (this.#pumping) return
    this.#pumping = true
    queueMicrotask(() => {
      this.#pumping = false
      this.#pump()
    })
  }

  #pump(): void {
    for (const key of this.#queued) {
      if (this.#running.size >= this.#concurrency) return
      this.#queued.delete(key)
      this.#running.add(key)
      void this.#run(key)
    }
  }

  async #run(key: string): Promise<void> {
    try {
      const lookAgain = await this.#reconciler.reconcile(key, this.#stopping.signal)
      this.#end(key)
      this.#failures.delete(key)
      if (lookAgain && !this.#queued.has(key)) this.#wait(this.#looks, key, lookAgain.afterMs)
    } catch (error) {
      this.#again.delete(key)
      this.#end(key)
      if (!this.#stopping.signal.aborted) this.#backOff(key, error)
    }
    this.#pump()
    this.#settled()
  }

  #end(key: string): void {
    this.#running.delete(key)
    if (this.#again.delete(key) && !this.#stopping.signal.aborted) this.#queued.add(key)
  }

  #backOff(key: string, error: unknown): void {
    const failures = (this.#failures.get(key) ?? 0) + 1
    this.#failures.set(key, failures)
    const { random, log } = this.#surroundings
    const longest = Math.min(longestDelayMs, firstDelayMs * 2 ** failures)
    const delayMs = Math.round(longest * (0.5 + random() / 2))
    const about = { reconciler: this.#reconciler.name, key, failures, delayMs, err: error }
    if (error instanceof Problem) log.warn(about, error.message)
    else log.error(about, 'A reconciler failed and will try again.')
    this.#wait(this.#retries, key, delayMs)
  }

  #wait(timers: Map<string, Timer>, key: string, delayMs: number): void {
    if (this.#stopping.signal.aborted) return
    cancel(timers, key)
    const timer = this.#surroundings.clock.after(delayMs, () => {
      timers.delete(key)
      this.hint(key)
    })
    timers.set(key, timer)
  }
}

function cancel(timers: Map<string, Timer>, key: string): void {
  timers.get(key)?.cancel()
  timers.delete(key)
}
