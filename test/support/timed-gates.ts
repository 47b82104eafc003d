import type { Clock } from '../../src/kernel/clock.ts'
import type { GateReport, Gates } from '../../src/pipeline/gates.ts'

export interface TimedGatesOptions {
  readonly clock: Clock
  /** What the gates say; `count` is 1 for the first time of this key. */
  readonly judge: (key: string, count: number) => GateReport | Error
  /** How long a run takes, in ms. */
  readonly duration: () => number
}

/** Gates that take virtual time, can be called off, and refuse to run twice at once for one key. */
export class TimedGates implements Gates {
  /** The keys of the runs that were begun, in order. */
  readonly runs: string[] = []
  readonly #options: TimedGatesOptions
  readonly #under = new Set<string>()

  constructor(options: TimedGatesOptions) {
    this.#options = options
  }

  async run(key: string, _directory: string, signal: AbortSignal): Promise<GateReport> {
    signal.throwIfAborted()
    if (this.#under.has(key)) throw new Error(`two runs of the gates of ${key} at once`)
    this.#under.add(key)
    this.runs.push(key)
    const count = this.runs.filter((run) => run === key).length
    try {
      await this.#wait(signal)
    } finally {
      this.#under.delete(key)
    }
    const report = this.#options.judge(key, count)
    if (report instanceof Error) throw report
    return report
  }

  /** The program that ran them is gone. */
  crash(): void {
    this.#under.clear()
  }

  #wait(signal: AbortSignal): Promise<void> {
    const { clock, duration } = this.#options
    return new Promise((resolve, reject) => {
      const timer = clock.after(duration(), resolve)
      signal.addEventListener('abort', () => {
        timer.cancel()
        reject(signal.reason)
      })
    })
  }
}
