import type { Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import { Problem } from '../../kernel/problem.ts'
import { HoldUp } from '../hold-up.ts'
import type { Actor, Item } from '../item.ts'
import { afterFailure, afterRedGate } from '../merge-failures.ts'
import type { MergeJudge } from '../merge-judge.ts'
import { mergeOrder } from '../merge-order.ts'
import { mergeSubject } from '../merge-subject.ts'
import { type Car, couple, MergeTrain } from '../merge-train.ts'
import { MergeWaits } from '../merge-waits.ts'
import type { Pipeline } from '../pipeline.ts'
import type { MergeFailure, StageEvent } from '../stage.ts'
import { legalEvents } from '../transition.ts'
import { holdingUp, type LandResult, type Squash, type SquashResult, type Trunk } from '../trunk.ts'
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
  /** How many items are judged at a time at most. */
  readonly batch: number
}

const actor: Actor = { kind: 'system', id: 'merge-queue' }
const key = 'merge'
/** How soon a remote is asked again whether people have merged what was proposed. */
const askAgainMs = 60_000
/** What speaks against the item's work; any other problem speaks against the machine. */
const workProblems = ['setup-failed', 'generate-failed', 'unrelated-histories']

/**
 * Lands the items in merge, one after the other: squash, check out, gates, land. Several may be
 * judged at a time. There is one key, so that there is one writer. What it knows beside the items' stages is only for the eye, or saves work.
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
  readonly #batch: number
  readonly #waits = new MergeWaits()
  readonly #holdUp = new HoldUp()
  readonly #running = new Set<number>()
  #finished = false

  constructor({ pipeline, trunk, judge, clock, log, base, recovers, batch }: MergeQueueOptions) {
    this.#pipeline = pipeline
    this.#trunk = trunk
    this.#judge = judge
    this.#clock = clock
    this.#log = log
    this.#base = base
    this.#recovers = recovers
    this.#batch = batch
  }

  /** Why the item waits though its turn has come, for a person. */
  waiting(item: number): string | undefined {
    const isIdle = this.#pipeline.get(item)?.stage.kind === 'merge' && !this.#running.has(item)
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
        this.#waits.set(item.id, 'The last try failed unexpectedly: see the log.')
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
      for (let found = await this.#trunk.finish(); found; found = await this.#trunk.finish())
        this.#settle(found.item, found.commit)
      this.#finished = true
    } catch (error) {
      if (error instanceof Problem && !isForAll(error))
        for (const { id } of this.#pipeline.inStage('merge')) this.#waits.set(id, error.message)
      throw error
    }
  }

  #begin({ id }: Item): void {
    this.#running.add(id)
    const last = this.#pipeline.history(id).findLast(({ event }) => event !== 'edit')
    if (last?.event !== 'merge-started') this.#pipeline.apply(id, { type: 'merge-started' }, actor)
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
      this.#begin(item)
      // Whenever somebody else moved the base branch, the squash is built and judged anew.
      while (this.#isQueued(item) && !(await this.#attempt(item, signal))) signal.throwIfAborted()
    } catch (error) {
      const speaksAgainstWork = error instanceof Problem && workProblems.includes(error.code)
      if (signal.aborted || !speaksAgainstWork) throw error
      this.#fail(item, { kind: 'other', detail: error.message })
    } finally {
      this.#running.clear()
    }
  }

  /** False if the base branch has moved meanwhile. */
  async #attempt(item: Item, signal: AbortSignal): Promise<boolean> {
    const result = await this.#squash(item)
    if (result.kind === 'conflict')
      this.#fail(item, { kind: 'conflict', detail: listed(result.files) })
    else if (result.kind !== 'squashed') await this.#failEmpty(item, result.kind)
    else {
      const first = { item, squash: result.squash }
      const others = this.#followersOf(first)
      const cars = await couple(first, others, (each, onto) => this.#squash(each, onto))
      return this.#ride(new MergeTrain(cars, this.#judge), signal)
    }
    return true
  }

  /** None behind what has passed already and waits for a person: they would be judged in vain. */
  #followersOf({ item, squash }: Car): readonly Item[] {
    if (this.#judge.hasPassed(item.id, squash)) return []
    return this.#due()
      .filter(({ id }) => id !== item.id)
      .slice(0, this.#batch - 1)
  }

  #squash(item: Item, onto?: Squash): Promise<SquashResult> {
    return this.#trunk.squash(branchOf(item), mergeSubject(item), onto)
  }

  /** Lands what passes, in order, until one does not. False if the base branch has moved meanwhile. */
  async #ride(train: MergeTrain, signal: AbortSignal): Promise<boolean> {
    for (const { item } of train.cars) this.#begin(item)
    const deaf = this.#pipeline.changed.listen((id) => {
      const car = train.cars.find(({ item }) => item.id === id)
      if (car && !this.#isQueued(car.item)) train.leave(id)
    })
    try {
      train.start(signal)
      for (const index of train.cars.keys()) {
        const arrival = await this.#arrive(train, index, signal)
        if (arrival !== 'landed') return arrival !== 'moved'
      }
      return true
    } finally {
      deaf()
      await train.stop()
    }
  }

  async #arrive(
    train: MergeTrain,
    index: number,
    signal: AbortSignal,
  ): Promise<'landed' | 'moved' | 'stopped'> {
    const { item, squash } = train.at(index)
    const red = await train.verdict(index).catch((error: unknown) => {
      // What fails unexpectedly behind the first is met again when it comes first itself.
      if (signal.aborted || (index === 0 && !train.isCalledOff(index))) throw error
      return 'called off' as const
    })
    if (red === 'called off' || !this.#isQueued(item)) return 'stopped'
    if (red) {
      this.#apply(item, afterRedGate(red, this.#base))
      return 'stopped'
    }
    const result = await this.#trunk.land(item.id, squash)
    this.#conclude(item, result)
    return result.kind === 'landed' || result.kind === 'moved' ? result.kind : 'stopped'
  }

  #conclude(item: Item, result: LandResult): void {
    if (result.kind === 'landed') this.#settle(item.id, result.commit)
    if (result.kind === 'waiting') this.#waits.set(item.id, describeObstacle(result))
    if (result.kind === 'proposed') this.#waits.set(item.id, result.sentence, askAgainMs)
    if (result.kind === 'refused')
      this.#fail(item, { kind: 'other', detail: `The remote refuses it: ${result.because}` })
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

  /** Whether it is still the same turn of the item in the queue. */
  #isQueued({ id, stage }: Item): boolean {
    const now = this.#pipeline.get(id)?.stage
    return stage.kind === 'merge' && now?.kind === 'merge' && now.since === stage.since
  }

  #fail(item: Item, failure: MergeFailure): void {
    this.#apply(item, { type: 'merge-failed', failure })
  }

  #apply(item: Item, event: StageEvent): void {
    if (!this.#isQueued(item)) return
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

/** Whether nothing at all can land as long as this lasts. */
function isForAll(error: unknown): boolean {
  return error instanceof Problem && holdingUp.includes(error.code)
}

function branchOf({ stage }: Item): string {
  if (stage.kind !== 'merge') throw new Error(`nothing to merge in ${stage.kind}`)
  return stage.work.branch
}
