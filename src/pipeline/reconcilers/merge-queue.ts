import type { Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import { Problem } from '../../kernel/problem.ts'
import { HoldUp } from '../hold-up.ts'
import type { Actor, Item } from '../item.ts'
import { afterFailure, afterRedGate } from '../merge-failures.ts'
import type { MergeJudge } from '../merge-judge.ts'
import { mergeOrder } from '../merge-order.ts'
import { mergeSubject } from '../merge-subject.ts'
import type { Pipeline } from '../pipeline.ts'
import type { MergeFailure, StageEvent } from '../stage.ts'
import { legalEvents } from '../transition.ts'
import { holdingUp, type LandResult, type Trunk } from '../trunk.ts'
import { describeObstacle, listed } from '../waiting.ts'
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
}

const actor: Actor = { kind: 'system', id: 'merge-queue' }
const key = 'merge'
/** How soon a checkout that was in the way is looked at again. */
const lookAgainMs = 5_000
/** And how soon a remote is asked again whether people have merged what was proposed. */
const askAgainMs = 60_000
/** What speaks against the item's work; any other problem speaks against the machine. */
const workProblems = ['setup-failed', 'generate-failed', 'unrelated-histories']

/**
 * Lands the items in merge, one at a time: squash, check out, gates, land. There is one key, so that
 * there is one writer. What it knows beside the items' stages is only for the eye, or saves work.
 */
export class MergeQueue implements Reconciler {
  readonly name = 'merge-queue'
  readonly #pipeline: Pipeline
  readonly #trunk: Trunk
  readonly #judge: MergeJudge
  readonly #clock: Clock
  readonly #log: Log
  readonly #base: string
  readonly #recovers: boolean
  readonly #waits = new Map<number, string>()
  readonly #proposed = new Set<number>()
  readonly #holdUp = new HoldUp()
  #running: number | undefined
  #finished = false

  constructor({ pipeline, trunk, judge, clock, log, base, recovers }: MergeQueueOptions) {
    this.#pipeline = pipeline
    this.#trunk = trunk
    this.#judge = judge
    this.#clock = clock
    this.#log = log
    this.#base = base
    this.#recovers = recovers
  }

  /** The item that is being merged now. */
  get running(): number | undefined {
    return this.#running
  }

  /** Why the item waits though its turn has come, for a person. */
  waiting(item: number): string | undefined {
    return this.#waits.get(item) ?? (this.#isWaiting(item) ? this.#holdUp.sentence : undefined)
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
      const lasts = error instanceof Problem && holdingUp.includes(error.code)
      if (signal.aborted || !lasts) throw error
      this.#holdUp.found(error.message, this.#clock.now())
      this.#log.warn({ problem: error.code }, error.message)
      return { afterMs: Math.min(this.#holdUp.remaining(this.#clock.now()), this.#mend()) }
    }
  }

  async #pass(signal: AbortSignal): Promise<LookAgain | undefined> {
    await this.#finish()
    const errors: unknown[] = []
    let mendAfterMs = this.#mend()
    for (let item = this.#next(); item; item = this.#next()) {
      try {
        await this.#merge(item, signal)
      } catch (error) {
        const isForAll = error instanceof Problem && holdingUp.includes(error.code)
        if (signal.aborted || isForAll) throw error
        // One item must not hold up the others; the error is thrown once they have had their turn.
        errors.push(error)
        this.#waits.set(item.id, 'The last try failed unexpectedly: see the log.')
      }
      mendAfterMs = this.#mend()
    }
    if (errors.length > 0) throw errors[0]
    const afterMs = Math.min(mendAfterMs, this.#waitMs())
    return afterMs < Infinity ? { afterMs } : undefined
  }

  #waitMs(): number {
    if (this.#waits.size > this.#proposed.size) return lookAgainMs
    return this.#proposed.size > 0 ? askAgainMs : Infinity
  }

  /** Gives the items that a crash left between landing and stage what they are owed. */
  async #finish(): Promise<void> {
    try {
      for (let found = await this.#trunk.finish(); found; found = await this.#trunk.finish())
        this.#settle(found.item, found.commit)
      this.#finished = true
    } catch (error) {
      if (error instanceof Problem && !holdingUp.includes(error.code))
        for (const { id } of this.#pipeline.inStage('merge')) this.#waits.set(id, error.message)
      throw error
    }
  }

  #hasStarted(id: number): boolean {
    const last = this.#pipeline.history(id).findLast(({ event }) => event !== 'edit')
    return last?.event === 'merge-started'
  }

  #isWaiting(id: number): boolean {
    return this.#running !== id && this.#pipeline.get(id)?.stage.kind === 'merge'
  }

  #forgetOthers(): void {
    this.#waits.clear()
    this.#proposed.clear()
    this.#judge.forgetAllBut(new Set(this.#pipeline.inStage('merge').map(({ id }) => id)))
  }

  /** The first in the queue that does not wait for a person. */
  #next(): Item | undefined {
    return mergeOrder(this.#pipeline.inStage('merge')).find(({ id }) => !this.#waits.has(id))
  }

  async #merge(item: Item, signal: AbortSignal): Promise<void> {
    this.#running = item.id
    try {
      if (!this.#hasStarted(item.id))
        this.#pipeline.apply(item.id, { type: 'merge-started' }, actor)
      // Whenever somebody else moved the base branch, the squash is built and judged anew.
      while (isQueued(item, this.#pipeline.get(item.id)) && !(await this.#attempt(item, signal)))
        signal.throwIfAborted()
    } catch (error) {
      const speaksAgainstWork = error instanceof Problem && workProblems.includes(error.code)
      if (signal.aborted || !speaksAgainstWork) throw error
      this.#fail(item, { kind: 'other', detail: error.message })
    } finally {
      this.#running = undefined
    }
  }

  /** False if the base branch has moved meanwhile. */
  async #attempt(item: Item, signal: AbortSignal): Promise<boolean> {
    const result = await this.#trunk.squash(branchOf(item), mergeSubject(item))
    if (result.kind === 'conflict')
      this.#fail(item, { kind: 'conflict', detail: listed(result.files) })
    else if (result.kind !== 'squashed') await this.#failEmpty(item, result.kind)
    else {
      const red = await this.#judge.judge(item.id, result.squash, signal)
      if (!isQueued(item, this.#pipeline.get(item.id))) return true
      if (!red) return this.#conclude(item, await this.#trunk.land(item.id, result.squash))
      this.#apply(item, afterRedGate(red, this.#base))
    }
    return true
  }

  #conclude(item: Item, result: LandResult): boolean {
    if (result.kind === 'landed') this.#settle(item.id, result.commit)
    if (result.kind === 'waiting') this.#waits.set(item.id, describeObstacle(result))
    if (result.kind === 'proposed') {
      this.#waits.set(item.id, result.sentence)
      this.#proposed.add(item.id)
    }
    if (result.kind === 'refused')
      this.#fail(item, { kind: 'other', detail: `The remote refuses it: ${result.because}` })
    return result.kind !== 'moved'
  }

  /** What changes nothing may have landed already, by a push that was thought lost. */
  async #failEmpty(item: Item, kind: 'empty-diff' | 'no-commits'): Promise<void> {
    await this.#finish()
    this.#fail(item, { kind })
  }

  /** The commit is on the base branch: that is so whatever has become of the item. */
  #settle(id: number, commit: string): void {
    const item = this.#pipeline.get(id)
    const repeated = this.#judge.repeated(id)
    if (item && legalEvents(item.stage, item.type).includes('merged'))
      this.#pipeline.apply(id, { type: 'merged', commit, ...(repeated && { repeated }) }, actor)
    else if (item?.stage.kind !== 'done' || item.stage.commit !== commit)
      this.#log.warn({ item: id, commit }, 'Landed, though the item has left the merge queue.')
    this.#trunk.forget(id)
    this.#judge.forget(id)
  }

  #fail(item: Item, failure: MergeFailure): void {
    this.#apply(item, { type: 'merge-failed', failure })
  }

  #apply(item: Item, event: StageEvent): void {
    if (!isQueued(item, this.#pipeline.get(item.id))) return
    this.#judge.forget(item.id)
    this.#pipeline.apply(item.id, event, actor)
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
      if (next && 'event' in next) this.#pipeline.apply(item.id, next.event, actor)
      if (next && 'afterMs' in next) soonest = Math.min(soonest, next.afterMs)
    }
    return soonest
  }
}

/** Whether `now` is still the same turn of the item in the queue. */
function isQueued(item: Item, now: Item | undefined): boolean {
  return (
    item.stage.kind === 'merge' &&
    now?.stage.kind === 'merge' &&
    now.stage.since === item.stage.since
  )
}

function branchOf({ stage }: Item): string {
  if (stage.kind !== 'merge') throw new Error(`nothing to merge in ${stage.kind}`)
  return stage.work.branch
}
