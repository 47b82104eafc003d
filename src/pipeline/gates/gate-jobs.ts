import type { Statement } from 'better-sqlite3'
import { Notices } from '../../kernel/notices.ts'
import { Problem } from '../../kernel/problem.ts'
import type { Store } from '../../store/store.ts'
import type { Asker } from '../later/errand.ts'

/**
 * tests: only to know. recheck: what they pass goes on as if its agent had just ended. coverage: the
 * program that the settings name for it.
 */
export type GateJobKind = 'tests' | 'recheck' | 'coverage'

/** A run of gates that a person asked for. */
export interface GateJob {
  readonly kind: GateJobKind
  /** Where: in the worktree of this item, or in the project's own checkout. */
  readonly item: number | undefined
  readonly asker: Asker
  readonly askedAt: number
}

interface Row {
  readonly item: number
  readonly kind: GateJobKind
  readonly asker: string
  readonly asked_at: number
}

/** How the project itself, which has no number, stands in the table and in hints. */
export const projectItself = 0

/** The gates that people asked for and that have not ended, durably: one job for a folder at a time. */
export class GateJobs {
  /** Told of the item after each job that is begun. A hint. */
  readonly changed = new Notices<number>()
  readonly #store: Store
  readonly #insert: Statement<[number, string, string, number]>
  readonly #one: Statement<[number], Row>
  readonly #all: Statement<[], Row>
  readonly #end: Statement<[number]>

  constructor(store: Store) {
    this.#store = store
    this.#insert = store.db.prepare(
      'INSERT INTO gate_jobs (item, kind, asker, asked_at) VALUES (?, ?, ?, ?)',
    )
    this.#one = store.db.prepare('SELECT * FROM gate_jobs WHERE item = ?')
    this.#all = store.db.prepare('SELECT * FROM gate_jobs ORDER BY asked_at, item')
    this.#end = store.db.prepare('DELETE FROM gate_jobs WHERE item = ?')
  }

  /**
   * Stores a job, for its reconciler to carry out. Part of the caller's transaction. Throws
   * `Problem` `job-running` while another one of the same folder has not ended.
   */
  begin({ kind, item = projectItself, asker, askedAt }: GateJob): void {
    const earlier = this.of(item)
    if (earlier)
      throw new Problem(
        'job-running',
        `${item === projectItself ? 'The project' : `Item ${item}`} has its ${earlier.kind} under way, for ${earlier.asker.person.name}: wait for what it says.`,
      )
    this.#insert.run(item, kind, JSON.stringify(asker), askedAt)
    this.#store.afterCommit(() => this.changed.tell(item))
  }

  /** `projectItself` for the project's own. */
  of(item: number): GateJob | undefined {
    const row = this.#one.get(item)
    return row && asJob(row)
  }

  /** The first that was asked for comes first. */
  all(): GateJob[] {
    return this.#all.all().map(asJob)
  }

  /** Part of the transaction that stores what came of it. */
  end({ item = projectItself }: GateJob): void {
    this.#end.run(item)
  }
}

function asJob({ item, kind, asker, asked_at }: Row): GateJob {
  return {
    kind,
    item: item === projectItself ? undefined : item,
    asker: JSON.parse(asker),
    askedAt: asked_at,
  }
}
