import Database from 'better-sqlite3'
import { diskProblem } from '../kernel/disk.ts'

/** What is to happen when the innermost open transaction ends. */
interface Scope {
  readonly committed: (() => void)[]
  readonly rolledBack: (() => void)[]
}

interface Waiting {
  readonly work: () => unknown
  readonly guarded: boolean
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

/** Runs `flush` soon, outside the present call: by default at the end of this turn of the event loop. */
export type Schedule = (flush: () => void) => void

const endOfTurn: Schedule = (flush) => void setImmediate(flush)

/**
 * One SQLite database, and the rules by which everything is written to it.
 *
 * All writes of a piece of work go through `transaction` or `commit`, so that they are stored
 * together or not at all. What must leave the process (a notice, a reply, a spawn) is given to
 * `afterCommit`: nothing leaves before it is stored.
 */
export class Store {
  readonly db: Database.Database
  readonly #schedule: Schedule
  readonly #scopes: Scope[] = []
  #waiting: Waiting[] = []

  constructor(db: Database.Database, schedule: Schedule = endOfTurn) {
    this.db = db
    this.#schedule = schedule
  }

  /**
   * Opens the file (made if it is missing), durable against a loss of power: write-ahead log,
   * `synchronous=FULL`. `:memory:` gives a database that lives as long as the store.
   */
  static open(file: string, schedule?: Schedule): Store {
    const db = new Database(file)
    db.pragma('journal_mode = WAL')
    db.pragma('synchronous = FULL')
    db.pragma('fullfsync = ON')
    db.pragma('foreign_keys = ON')
    db.pragma('busy_timeout = 5000')
    return new Store(db, schedule)
  }

  /** Opens a file that another program may be writing. */
  static openToRead(file: string): Store {
    return new Store(new Database(file, { readonly: true, timeout: 5000 }))
  }

  /** Runs `work` in a transaction; inside another one it is a part of that, and can fail alone. */
  transaction<T>(work: () => T): T {
    const nested = this.#scopes.length > 0
    this.#run(nested ? 'SAVEPOINT work' : 'BEGIN IMMEDIATE')
    const scope: Scope = { committed: [], rolledBack: [] }
    this.#scopes.push(scope)
    let result: T
    try {
      result = work()
      this.#run(nested ? 'RELEASE work' : 'COMMIT')
    } catch (error) {
      this.#rollBack(nested)
      this.#scopes.pop()
      for (const undo of scope.rolledBack.reverse()) undo()
      throw diskProblem(error) ?? error
    }
    this.#scopes.pop()
    const parent = this.#scopes.at(-1)
    if (parent) {
      parent.committed.push(...scope.committed)
      parent.rolledBack.push(...scope.rolledBack)
    } else {
      for (const leave of scope.committed) leave()
    }
    return result
  }

  /**
   * Runs `work` together with all other work of this turn of the event loop in one durable
   * transaction (group commit), in order, and resolves when it is stored. Work that throws is
   * undone alone and rejects alone; when the common commit fails, all of it rejects.
   */
  commit<T>(work: () => T): Promise<T> {
    return this.#queue(work, true)
  }

  /**
   * As `commit`, for a statement or two that can fail only if the disk does. They are spared the
   * savepoint, which costs more than they do; were they to throw, what they did would stay done.
   */
  commitUnguarded<T>(work: () => T): Promise<T> {
    return this.#queue(work, false)
  }

  /** Calls `leave` once the outermost open transaction is stored; at once when none is open. */
  afterCommit(leave: () => void): void {
    const scope = this.#scopes.at(-1)
    if (scope) scope.committed.push(leave)
    else leave()
  }

  /** Calls `undo` if the open transaction is rolled back, after the database has been. */
  onRollback(undo: () => void): void {
    this.#scopes.at(-1)?.rolledBack.push(undo)
  }

  /** Commits what waits, then closes the file. */
  close(): void {
    if (!this.db.open) return
    this.#flush()
    this.db.close()
  }

  #queue<T>(work: () => T, guarded: boolean): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#waiting.length === 0) this.#schedule(() => this.#flush())
      this.#waiting.push({ work, guarded, resolve: resolve as (value: unknown) => void, reject })
    })
  }

  #flush(): void {
    const batch = this.#waiting
    if (batch.length === 0) return
    this.#waiting = []
    const settled: (() => void)[] = []
    try {
      this.transaction(() => {
        for (const { work, guarded, resolve, reject } of batch) {
          try {
            const value = guarded ? this.transaction(work) : work()
            settled.push(() => resolve(value))
          } catch (error) {
            // A full disk makes SQLite end the whole transaction: then nothing here is stored.
            if (!this.db.inTransaction) throw error
            settled.push(() => reject(error))
          }
        }
      })
    } catch (error) {
      for (const { reject } of batch) reject(error)
      return
    }
    for (const settle of settled) settle()
  }

  #rollBack(nested: boolean): void {
    if (!this.db.inTransaction) return
    this.#run(nested ? 'ROLLBACK TO work' : 'ROLLBACK')
    if (nested) this.#run('RELEASE work')
  }

  readonly #statements = new Map<string, Database.Statement>()

  #run(sql: string): void {
    let statement = this.#statements.get(sql)
    if (!statement) {
      statement = this.db.prepare(sql)
      this.#statements.set(sql, statement)
    }
    statement.run()
  }
}
