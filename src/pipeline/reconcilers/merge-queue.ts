import type { Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import { Problem } from '../../kernel/problem.ts'
import { HoldUp } from '../hold-up.ts'
import type { Item } from '../item.ts'
import { afterFailure } from '../merge/merge-failures.ts'
import type { MergeJudge } from '../merge/merge-judge.ts'
import { mergeOrder } from '../merge/merge-order.ts'
import { MergeTurns, mergeActor } from '../merge/merge-turns.ts'
import { MergeWaits } from '../merge/merge-waits.ts'
import { TrainDriver } from '../merge/train-driver.ts'
import type { Pipeline } from '../pipeline.ts'
import { holdingUp, type Trunk } from '../trunk.ts'
import type { LookAgain, Reconciler } from './reconciler.ts'

export interface MergeQueueOptions {
  readonly pipeline: Pipeline
  readonly trunk: Trunk
  readonly judge: MergeJudge
  readonly clock: Clock
  readonly log: Log
  /** The base branch's name, for sentences. */
  readonly base: string
  /** Whether an agent mends what conflicts; without one, conflicts go back to the coder. */
  readonly recovers: boolean
  /** How many items are judged at a time at most. */
  readonly batch: number
}

const key = 'merge'
const unexpected = 'The last try failed unexpectedly: see the log.'
/** What speaks against the item's work; any other problem speaks against the machine. */
const workProblems = ['setup-failed', 'generate-failed', 'unrelated-histories']

/**
 * Lands the items in merge in their order. There is one key, so that there is one writer. What it
 * knows beside the items' stages is only for the eye, or saves work.
 */
export class MergeQueue implements Reconciler {
  readonly name = 'merge-queue'
  readonly #pipeline: Pipeline
  readonly #judge: MergeJudge
  readonly #clock: Clock
  readonly #log: Log
  readonly #base: string
  readonly #recovers: boolean
  readonly #batch: number
  readonly #waits = new MergeWaits()
  readonly #holdUp = new HoldUp()
  readonly #turns: MergeTurns
  readonly #driver: TrainDriver
  #finished = false

  constructor(options: MergeQueueOptions) {
    const { pipeline, judge, clock, log, base, recovers, batch } = options
    this.#pipeline = pipeline
    this.#judge = judge
    this.#clock = clock
    this.#log = log
    this.#base = base
    this.#recovers = recovers
    this.#batch = batch
    this.#turns = new MergeTurns({ ...options, waits: this.#waits })
    this.#driver = new TrainDriver({ ...options, turns: this.#turns })
  }

  /** Why the item waits though its turn has come, for a person. */
  waiting(item: number): string | undefined {
    const isIdle = this.#pipeline.get(item)?.stage.kind === 'merge' && !this.#turns.isRunning(item)
    return this.#waits.of(item) ?? (isIdle ? this.#holdUp.sentence : undefined)
  }

  keys(): string[] {
    const isNeeded =
      !this.#finished ||
      this.#pipeline.inStage('merge').length > 0 ||
      this.#pipeline.inStage('merge-failure').length > 0
    return isNeeded ? [key] : []
  }

  keysOf(item: number): string[] {
    const kind = this.#pipeline.get(item)?.stage.kind
    return kind === 'merge' || kind === 'merge-failure' ? [key] : []
  }

  async reconcile(_key: string, signal: AbortSignal): Promise<LookAgain | undefined> {
    const heldMs = this.#holdUp.remaining(this.#clock.now())
    if (heldMs > 0) return { afterMs: Math.min(heldMs, this.#mend()) }
    this.#forgetOthers()
    try {
      const again = await this.#pass(signal)
      this.#holdUp.clear()
      return again
    } catch (error) {
      if (signal.aborted || !(error instanceof Problem) || !isForAll(error)) throw error
      this.#holdUp.found(error.message, this.#clock.now())
      this.#log.warn({ problem: error.code }, error.message)
      return { afterMs: Math.min(this.#holdUp.remaining(this.#clock.now()), this.#mend()) }
    }
  }

  async #pass(signal: AbortSignal): Promise<LookAgain | undefined> {
    await this.#finish()
    const errors: unknown[] = []
    let mendAfterMs = this.#mend()
    for (let [item] = this.#due(); item; [item] = this.#due()) {
      try {
        await this.#merge(item, signal)
      } catch (error) {
        if (signal.aborted || isForAll(error)) throw error
        // One item must not hold up the others; the error is thrown once they have had their turn.
        errors.push(error)
        const sentence = error instanceof Problem ? error.message : unexpected
        this.#waits.set(item.id, sentence)
      }
      mendAfterMs = this.#mend()
    }
    if (errors.length > 0) throw errors[0]
    const afterMs = Math.min(mendAfterMs, this.#waits.afterMs)
    return afterMs < Infinity ? { afterMs } : undefined
  }

  /** Gives the items that a crash left between landing and stage what they are owed. */
  async #finish(): Promise<void> {
    try {
      await this.#turns.finish()
      this.#finished = true
    } catch (error) {
      if (error instanceof Problem && !isForAll(error))
        for (const { id } of this.#pipeline.inStage('merge')) this.#waits.set(id, error.message)
      throw error
    }
  }

  #forgetOthers(): void {
    this.#waits.clear()
    this.#judge.forgetAllBut(new Set(this.#pipeline.inStage('merge').map(({ id }) => id)))
  }

  /** Those in the queue that wait for nothing else. */
  #due(): Item[] {
    return mergeOrder(this.#pipeline.inStage('merge')).filter(
      ({ id }) => this.#waits.of(id) === undefined,
    )
  }

  async #merge(item: Item, signal: AbortSignal): Promise<void> {
    try {
      this.#turns.begin(item)
      while (this.#turns.isOn(item)) {
        if ((await this.#driver.drive(item, this.#followersOf(item), signal)) === 'over') return
        signal.throwIfAborted()
      }
    } catch (error) {
      const speaksAgainstWork = error instanceof Problem && workProblems.includes(error.code)
      if (signal.aborted || !speaksAgainstWork) throw error
      this.#turns.fail(item, { kind: 'other', detail: error.message })
    } finally {
      this.#turns.end()
    }
  }

  #followersOf(item: Item): readonly Item[] {
    return this.#due()
      .filter(({ id }) => id !== item.id)
      .slice(0, this.#batch - 1)
  }

  /** Sends on what failed and needs no person; returns in how many ms the next one is due. */
  #mend(): number {
    let soonest = Infinity
    for (const item of this.#pipeline.inStage('merge-failure')) {
      const next = afterFailure(item, {
        base: this.#base,
        recovers: this.#recovers,
        now: this.#clock.now(),
      })
      if (next && 'event' in next) this.#pipeline.apply(item.id, next.event, mergeActor)
      if (next && 'afterMs' in next) soonest = Math.min(soonest, next.afterMs)
    }
    return soonest
  }
}

/** Whether nothing at all can land as long as this lasts. */
function isForAll(error: unknown): boolean {
  return error instanceof Problem && holdingUp.includes(error.code)
}
