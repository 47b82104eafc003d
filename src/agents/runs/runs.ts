import type { Clock } from '../../kernel/clock.ts'
import { Notices } from '../../kernel/notices.ts'
import type { ProcessIdentity } from '../../processes/process-host.ts'
import type { Store } from '../../store/store.ts'
import type { Outcome } from '../runtime.ts'
import type { Run, RunState, Runs, StopIntent } from './run.ts'
import { type Claim, RunTable } from './run-table.ts'

/** The states in which a run may still have a process. */
const alive: readonly RunState[] = ['claimed', 'running']
const notEnded: readonly RunState[] = [...alive, 'exited']

/**
 * The runs, in SQLite, with those that are not ended in memory too, so that asking for them costs
 * nothing. A run's number is its fencing token: each write names the run that it means and the
 * states in which it may happen; a stale writer gets undefined and has changed nothing.
 */
export class SqliteRuns implements Runs {
  /** Told after each stored change of a run, except how far it was read. A hint, with its item. */
  readonly changed = new Notices<number>()
  readonly #store: Store
  readonly #clock: Clock
  readonly #table: RunTable
  readonly #active = new Map<string, Run>()

  constructor(store: Store, clock: Clock) {
    this.#store = store
    this.#clock = clock
    this.#table = new RunTable(store)
    for (const run of this.#table.active()) this.#active.set(run.id, run)
  }

  active(): readonly Run[] {
    return [...this.#active.values()].sort((one, other) => one.token - other.token)
  }

  activeOf(item: number): Run | undefined {
    const runs = this.active().filter((run) => run.item === item)
    return runs.find(({ role }) => role !== 'other') ?? runs[0]
  }

  get(id: string): Run | undefined {
    return this.#active.get(id) ?? this.#table.get(id)
  }

  of(item: number): readonly Run[] {
    return this.#table.of(item)
  }

  /** The item's newest run. */
  latestOf(item: number): Run | undefined {
    return this.#table.latestOf(item)
  }

  /** The newest run of an agent of stage `other`. */
  latestHelpOf(agent: string): Run | undefined {
    return this.#table.latestHelpOf(agent)
  }

  /**
   * Takes the item's and the agent's slot, before anything is spawned. Throws the database's own
   * error when one of them is taken: who claims has looked, so that is a bug.
   */
  claim(claim: Claim): Run {
    return this.#store.transaction(() => {
      const run = this.#table.insert(claim, this.#clock.now())
      this.#keep(run, true)
      return run
    })
  }

  /** The run's process was spawned. */
  running(run: Run, identity: ProcessIdentity): Run | undefined {
    return this.#change(run, ['claimed'], (now) => ({ ...now, state: 'running', identity }))
  }

  /** The run's output was read up to `offset`, and perhaps named its session. */
  progress(run: Run, offset: number, session: string | undefined): Run | undefined {
    const read = { offset, ...(session !== undefined && { session }) }
    return this.#change(run, alive, (now) => ({ ...now, ...read }), false)
  }

  /** The service has said that the run's account is near its limit, until then; undefined: it is not. */
  throttle(run: Run, throttledUntil: number | undefined): Run | undefined {
    return this.#change(run, alive, ({ throttledUntil: _, ...now }) => ({
      ...now,
      ...(throttledUntil !== undefined && { throttledUntil }),
    }))
  }

  /** Stores the intent to stop exactly this run; a later intent replaces an earlier one. */
  stop(run: Run, stop: StopIntent): Run | undefined {
    return this.#change(run, notEnded, (now) => ({ ...now, stop }))
  }

  /** A run that has ended, and would be gone on with after a limit, is not. */
  callOff(run: Run, stop: StopIntent): void {
    this.#store.transaction(() => {
      this.#table.update({ ...run, stop })
      this.#store.afterCommit(() => this.changed.tell(run.item))
    })
  }

  /** A kill left these processes over: the slot stays taken. */
  survived(run: Run, survivors: readonly number[]): Run | undefined {
    return this.#change(run, alive, (now) => ({ ...now, survivors }))
  }

  /** Nothing of the run is left alive; what it did is still to be judged. */
  exited(run: Run, outcome: Outcome): Run | undefined {
    return this.#change(run, alive, ({ survivors: _, ...now }) => ({
      ...now,
      state: 'exited',
      outcome,
    }))
  }

  /** The survivors stay on the record: they are known, and nobody waits for their end. */
  release(item: number): Run | undefined {
    const run = this.active().find((one) => one.item === item && one.survivors !== undefined)
    if (!run) return undefined
    const outcome: Outcome = { kind: 'interrupted' }
    return this.#change(run, alive, (now) => ({ ...now, state: 'exited', outcome }))
  }

  /** Gives the slot back. Belongs into the transaction of the stage change that follows from it. */
  end(run: Run): Run | undefined {
    const endedAt = this.#clock.now()
    return this.#change(run, notEnded, (now) => ({ ...now, state: 'ended', endedAt }))
  }

  #change(
    { id, token }: Run,
    from: readonly RunState[],
    change: (now: Run) => Run,
    hint = true,
  ): Run | undefined {
    const now = this.#active.get(id)
    if (now?.token !== token || !from.includes(now.state)) return undefined
    const next = change(now)
    this.#store.transaction(() => {
      this.#table.update(next)
      this.#keep(next, hint)
    })
    return next
  }

  /** Mirrors a row in memory, for as long as the row's transaction stands. */
  #keep(run: Run, hint: boolean): void {
    const before = this.#active.get(run.id)
    this.#mirror(run.id, run.state === 'ended' ? undefined : run)
    this.#store.onRollback(() => this.#mirror(run.id, before))
    if (hint) this.#store.afterCommit(() => this.changed.tell(run.item))
  }

  #mirror(id: string, run: Run | undefined): void {
    if (run) this.#active.set(id, run)
    else this.#active.delete(id)
  }
}
