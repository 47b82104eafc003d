import type { Clock } from '../../src/kernel/clock.ts'
import type { GateReport, Gates } from '../../src/pipeline/gates.ts'
import type { GateClass } from '../../src/pipeline/stage.ts'

export interface FakeGatesOptions {
  readonly clock: Clock
  /** What the gates say of this directory; `count` is 1 for the first time of this key. */
  readonly judge: (key: string, directory: string, count: number) => GateReport | Error
  /** How long a run takes, in ms; 0 by default. */
  readonly duration?: () => number
}

/** Gates whose verdict is a function, on virtual time. */
export class FakeGates implements Gates {
  /** The keys of the runs that were begun, in order. */
  readonly runs: string[] = []
  readonly #options: FakeGatesOptions
  readonly #under = new Set<string>()

  constructor(options: FakeGatesOptions) {
    this.#options = options
  }

  async run(key: string, directory: string, signal: AbortSignal): Promise<GateReport> {
    signal.throwIfAborted()
    if (this.#under.has(key)) throw new Error(`two runs of the gates of ${key} at once`)
    this.#under.add(key)
    this.runs.push(key)
    const count = this.runs.filter((run) => run === key).length
    try {
      await this.#wait(this.#options.duration?.() ?? 0, signal)
    } finally {
      this.#under.delete(key)
    }
    const report = this.#options.judge(key, directory, count)
    if (report instanceof Error) throw report
    return report
  }

  /** The program that ran them is gone. */
  crash(): void {
    this.#under.clear()
  }

  #wait(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = this.#options.clock.after(ms, resolve)
      signal.addEventListener('abort', () => {
        timer.cancel()
        reject(signal.reason)
      })
    })
  }
}

/** Gates that pass. */
export const green: GateReport = { passed: true, output: 'ok', durationMs: 0 }

/** Gates that fail at one step. */
export function red(output: string, step = 'test', kind: GateClass = 'test'): GateReport {
  return { passed: false, failure: { step, class: kind, output }, output, durationMs: 0 }
}
