import type { Store } from '../../store/store.ts'
import { afterGreenGates } from '../after-gates.ts'
import { type GateJob, type GateJobs, projectItself } from '../gates/gate-jobs.ts'
import type { GateRecords } from '../gates/gate-records.ts'
import type { GateReport, Gates } from '../gates.ts'
import type { Actor, Item, QaMode } from '../item.ts'
import type { Pipeline } from '../pipeline.ts'
import type { StageEvent } from '../stage.ts'
import type { WorkState, Worktrees } from '../worktrees.ts'
import type { LookAgain, Reconciler } from './reconciler.ts'

/** What came of a job. */
export type GateJobOutcome =
  | {
      readonly kind: 'ran'
      readonly report: GateReport
      /** A recheck that was green, and the item went on. */
      readonly wentOn: boolean
      /** Why a recheck that was green leaves the item where it is. */
      readonly because?: string
    }
  | { readonly kind: 'not-run'; readonly because: string }

export interface GateJobRunnerParts {
  readonly store: Store
  readonly pipeline: Pipeline
  readonly jobs: GateJobs
  readonly worktrees: Pick<Worktrees, 'find' | 'state'>
  readonly gates: Gates
  readonly gateRecords: Pick<GateRecords, 'keep'>
  /** Runs what the settings name for it; missing where they name nothing. */
  readonly coverage?: Gates
  /** The project's own checkout. */
  readonly root: string
  readonly defaultQa: QaMode
  /** Whether an agent is on the item, so that its work is judged when that ends. */
  readonly isOccupied: (item: number) => boolean
  /** Part of the transaction in which the job ends. */
  readonly told: (job: GateJob, outcome: GateJobOutcome) => void
}

/**
 * Runs the gates that people asked for. A job ends in the transaction that stores what came of it:
 * one that a crash cut short is run again. The keys are item numbers.
 */
export class GateJobRunner implements Reconciler {
  readonly name = 'gate-jobs'
  readonly #parts: GateJobRunnerParts

  constructor(parts: GateJobRunnerParts) {
    this.#parts = parts
  }

  keys(): string[] {
    return this.#parts.jobs.all().map(({ item = projectItself }) => String(item))
  }

  keysOf(item: number): string[] {
    return this.#parts.jobs.of(item) ? [String(item)] : []
  }

  async reconcile(key: string, signal: AbortSignal): Promise<LookAgain | undefined> {
    const job = this.#parts.jobs.of(Number(key))
    if (!job) return undefined
    if (job.item === undefined) await this.#runOnProject(job, signal)
    else await this.#runOnItem(job, job.item, signal)
    return undefined
  }

  async #runOnProject(job: GateJob, signal: AbortSignal): Promise<void> {
    const { gates, coverage, root } = this.#parts
    const chosen = job.kind === 'coverage' ? coverage : gates
    const report = await chosen?.run('project', root, signal)
    this.#end(job, () =>
      report
        ? { kind: 'ran', report, wentOn: false }
        : { kind: 'not-run', because: 'project.toml no longer names a program for it' },
    )
  }

  async #runOnItem(job: GateJob, item: number, signal: AbortSignal): Promise<void> {
    const { worktrees, gates, gateRecords } = this.#parts
    const worktree = worktrees.find(item)
    if (!worktree) {
      this.#end(job, () => ({ kind: 'not-run', because: 'it has no worktree any more' }))
      return
    }
    const before = await worktrees.state(item)
    const report = await gates.run(`item-${item}`, worktree.path, signal)
    const after = worktrees.find(item) && (await worktrees.state(item))
    this.#end(job, () => {
      gateRecords.keep(item, { place: 'branch', tree: before.fingerprint }, report)
      if (job.kind !== 'recheck' || !report.passed) return { kind: 'ran', report, wentOn: false }
      const because = this.#goOn(job, item, before, after)
      return { kind: 'ran', report, wentOn: because === undefined, ...(because && { because }) }
    })
  }

  /** Sends on what is green; returns why not, where something speaks against it. */
  #goOn(
    { asker }: GateJob,
    id: number,
    before: WorkState,
    after: WorkState | undefined,
  ): string | undefined {
    const { pipeline, isOccupied, defaultQa } = this.#parts
    const item = pipeline.get(id)
    const wakes = item && wakingEvents(item)
    if (!wakes) return 'it has been moved meanwhile'
    if (isOccupied(id)) return 'an agent has taken it up meanwhile, and is judged when it ends'
    if (before.ahead === 0) return 'it has no commits that could be merged'
    if (after?.head !== before.head) return 'its branch has changed meanwhile'
    const actor: Actor = { kind: 'person', ...asker.person }
    for (const event of [...wakes, ...afterGreenGates(item, before, defaultQa)])
      pipeline.apply(id, event, actor)
    return undefined
  }

  #end(job: GateJob, conclude: () => GateJobOutcome): void {
    const { store, jobs, told } = this.#parts
    store.transaction(() => {
      jobs.end(job)
      told(job, conclude())
    })
  }
}

/**
 * What brings an item back to where its gates decide: nothing in coding, an unblocking where it was
 * blocked there. Undefined where a recheck decides nothing.
 */
export function wakingEvents({
  stage,
  type,
}: Pick<Item, 'stage' | 'type'>): StageEvent[] | undefined {
  if (type === 'spike' || type === 'epic') return undefined
  if (stage.kind === 'coding') return []
  const wasCoding = stage.kind === 'blocked' && (stage.resumeTo?.kind ?? 'coding') === 'coding'
  return wasCoding ? [{ type: 'unblock' }] : undefined
}
