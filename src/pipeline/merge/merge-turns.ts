import type { Log } from '../../kernel/log.ts'
import type { Actor, Item } from '../item.ts'
import type { Pipeline } from '../pipeline.ts'
import type { GateFailure, MergeFailure, StageEvent } from '../stage.ts'
import { legalEvents } from '../transition.ts'
import type { LandResult, Trunk } from '../trunk.ts'
import { afterRedGate } from './merge-failures.ts'
import type { MergeJudge } from './merge-judge.ts'
import type { MergeWaits } from './merge-waits.ts'
import { describeObstacle } from './waiting.ts'

export interface MergeTurnsOptions {
  readonly pipeline: Pipeline
  readonly trunk: Pick<Trunk, 'finish' | 'forget'>
  readonly judge: MergeJudge
  readonly waits: MergeWaits
  readonly log: Log
  /** The base branch's name, for sentences. */
  readonly base: string
}

/** In whose name the merge queue changes items. */
export const mergeActor: Actor = { kind: 'system', id: 'merge-queue' }
/** How soon a remote is asked again whether people have merged what was proposed. */
const askAgainMs = 60_000

/**
 * The turns of items in the merge queue: who is at it, and what becomes of an item when its turn ends.
 * One that has left the queue meanwhile, or has come back to it, is left alone.
 */
export class MergeTurns {
  readonly #options: MergeTurnsOptions
  readonly #running = new Set<number>()

  constructor(options: MergeTurnsOptions) {
    this.#options = options
  }

  begin({ id }: Item): void {
    const { pipeline } = this.#options
    this.#running.add(id)
    const last = pipeline.history(id).findLast(({ event }) => event !== 'edit')
    if (last?.event !== 'merge-started') pipeline.apply(id, { type: 'merge-started' }, mergeActor)
  }

  isRunning(item: number): boolean {
    return this.#running.has(item)
  }

  /** Nobody is at it any more. */
  end(): void {
    this.#running.clear()
  }

  /** Whether it is still the same turn of the item in the queue. */
  isOn({ id, stage }: Item): boolean {
    const now = this.#options.pipeline.get(id)?.stage
    return stage.kind === 'merge' && now?.kind === 'merge' && now.since === stage.since
  }

  /** What came of the attempt to land it. */
  conclude(item: Item, result: LandResult): void {
    const { waits } = this.#options
    if (result.kind === 'landed') this.#landed(item.id, result.commit)
    if (result.kind === 'waiting') waits.set(item.id, describeObstacle(result))
    if (result.kind === 'proposed') waits.set(item.id, result.sentence, askAgainMs)
    if (result.kind === 'refused')
      this.fail(item, { kind: 'other', detail: `The remote refuses it: ${result.because}` })
  }

  fail(item: Item, failure: MergeFailure): void {
    this.#apply(item, { type: 'merge-failed', failure })
  }

  failGate(item: Item, red: GateFailure): void {
    this.#apply(item, afterRedGate(red, this.#options.base))
  }

  /** What changes nothing may have landed already, by a push that was thought lost. */
  async failEmpty(item: Item, kind: 'empty-diff' | 'no-commits'): Promise<void> {
    await this.finish()
    this.fail(item, { kind })
  }

  /** Gives the items that a crash left between landing and stage what they are owed. */
  async finish(): Promise<void> {
    const { trunk } = this.#options
    for (let found = await trunk.finish(); found; found = await trunk.finish())
      this.#landed(found.item, found.commit)
  }

  /** The commit is on the base branch: that is so whatever has become of the item. */
  #landed(id: number, commit: string): void {
    const { pipeline, judge, trunk, log } = this.#options
    const item = pipeline.get(id)
    const repeated = judge.repeated(id)
    if (item && legalEvents(item.stage, item.type).includes('merged'))
      pipeline.apply(id, { type: 'merged', commit, ...(repeated && { repeated }) }, mergeActor)
    else if (item?.stage.kind !== 'done' || item.stage.commit !== commit)
      log.warn({ item: id, commit }, 'Landed, though the item has left the merge queue.')
    trunk.forget(id)
    judge.forget(id)
  }

  #apply(item: Item, event: StageEvent): void {
    if (!this.isOn(item)) return
    const { pipeline, judge } = this.#options
    judge.forget(item.id)
    pipeline.apply(item.id, event, mergeActor)
  }
}
