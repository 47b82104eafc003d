import type { Timer } from '../../kernel/clock.ts'
import { KeyQueue, type Surroundings } from './key-queue.ts'
import type { Reconciler } from './reconciler.ts'

/**
 * Runs reconcilers: all their keys at the start and at each interval, and the keys that a change
 * concerns as soon as it is hinted. Every hint may be lost, because the next pass makes up for it.
 */
export class ReconcilerEngine {
  readonly #surroundings: Surroundings
  readonly #intervalMs: number
  readonly #queues: KeyQueue[] = []
  #waiting: (() => void)[] = []
  #timer: Timer | undefined
  #running = false

  constructor(surroundings: Surroundings, intervalMs: number) {
    this.#surroundings = surroundings
    this.#intervalMs = intervalMs
  }

  /**
   * Takes a reconciler on, before the start; at most `concurrency` of its keys run at a time. Returns what
   * says that something about one of its keys has changed.
   */
  add(reconciler: Reconciler, concurrency = 1): (key: string) => void {
    const settled = () => this.#tellIfIdle()
    const queue = new KeyQueue(reconciler, concurrency, this.#surroundings, settled)
    this.#queues.push(queue)
    return (key) => {
      if (this.#running) queue.hint(key)
    }
  }

  /** Looks at every key, now and at each interval. */
  start(): void {
    this.#running = true
    this.#pass()
  }

  /** Says that `item` has changed. Before the start and after the stop it does nothing. */
  hint(item: number): void {
    if (!this.#running) return
    for (const queue of this.#queues) queue.hintItem(item)
  }

  /** Says that anything may have changed: every key is looked at. */
  hintAll(): void {
    if (!this.#running) return
    for (const queue of this.#queues) queue.hintAll()
  }

  /** Whether nothing is queued, running or in back-off; timers to look again do not count. */
  get idle(): boolean {
    return !this.#queues.some((queue) => queue.busy)
  }

  /** Resolves once the engine is idle: at once if it is now. */
  async whenIdle(): Promise<void> {
    if (!this.idle) await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  /** Aborts what runs, and resolves when it is over. Nothing is started any more. */
  async stop(): Promise<void> {
    this.#running = false
    this.#timer?.cancel()
    for (const queue of this.#queues) queue.stop()
    this.#tellIfIdle()
    await this.whenIdle()
  }

  #pass(): void {
    for (const queue of this.#queues) queue.pass()
    this.#timer = this.#surroundings.clock.after(this.#intervalMs, () => this.#pass())
  }

  #tellIfIdle(): void {
    if (!this.idle) return
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }
}
