import type { Clock } from '../../kernel/clock.ts'
import type { Store } from '../../store/store.ts'
import type { Entrust } from '../later/errand.ts'
import type { Timers } from '../later/timers.ts'
import type { LookAgain, Reconciler } from './reconciler.ts'

export interface DueTimersParts {
  readonly store: Store
  readonly timers: Timers
  readonly entrust: Entrust
  readonly clock: Clock
}

/**
 * Has the items started whose timers are due, also those that came due while no program ran. A
 * timer goes in the transaction that stores its errand. The keys are item numbers.
 */
export class DueTimers implements Reconciler {
  readonly name = 'due-timers'
  readonly #parts: DueTimersParts

  constructor(parts: DueTimersParts) {
    this.#parts = parts
  }

  keys(): string[] {
    return this.#parts.timers.all().map(({ item }) => String(item))
  }

  keysOf(item: number): string[] {
    return this.#parts.timers.of(item) ? [String(item)] : []
  }

  async reconcile(key: string): Promise<LookAgain | undefined> {
    const { store, timers, entrust, clock } = this.#parts
    const timer = timers.of(Number(key))
    if (!timer) return undefined
    const { item, at, asker } = timer
    const afterMs = at - clock.now()
    if (afterMs > 0) return { afterMs }
    store.transaction(() => {
      timers.remove(item)
      entrust({ asker, command: `start ${item}`, cause: { kind: 'timer', item, at } })
    })
    return undefined
  }
}
