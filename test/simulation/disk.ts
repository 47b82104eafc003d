import Database from 'better-sqlite3'
import { memoryDatabase } from '../support/memory-store.ts'
import type { Life } from '../support/mortal.ts'

/** What may happen when something is about to become durable. */
export type DiskFate = 'stored' | 'full' | 'crash before' | 'crash after'

/** Ends a program in the middle of a call. Whatever it still does in its handlers reaches nothing. */
export class Crash extends Error {}

type Call = (...args: unknown[]) => unknown

/**
 * The disk with the program's database, which outlives it. Wherever something becomes durable, the
 * disk may be full, or the program may end just before or just after.
 */
export class Disk {
  readonly db: Database.Database
  /** Asked at each commit, and at each write that is a transaction of its own. */
  fate: () => DiskFate = () => 'stored'
  /** Asked when a commit fails: whether SQLite has ended the transaction by itself. */
  rollsBack: () => boolean = () => false
  readonly #changes: Database.Statement<[], number>

  constructor() {
    this.db = memoryDatabase()
    this.#changes = this.db.prepare<[], number>('SELECT total_changes()').pluck()
  }

  /** Counts the rows that were ever written. */
  get changes(): number {
    return this.#changes.get() ?? 0
  }

  /** The database as one program sees it. */
  connect(life: Life): Database.Database {
    const prepare = (sql: string) => this.#watched(this.db.prepare(sql), sql, life)
    const close = () => this.db
    return new Proxy(this.db, {
      get(db, name) {
        if (name === 'prepare') return prepare
        if (name === 'close') return close
        const value: unknown = Reflect.get(db, name, db)
        return typeof value === 'function' ? value.bind(db) : value
      },
    })
  }

  #watched(statement: Database.Statement, sql: string, life: Life): Database.Statement {
    const isCommit = sql === 'COMMIT'
    const writes = /^\s*(INSERT|UPDATE|DELETE)/.test(sql)
    for (const name of ['run', 'get', 'all'] as const) {
      const call = (statement[name] as Call).bind(statement)
      const watched: Call = (...args) => {
        if (life.over) throw new Crash('the program is over')
        const durable = isCommit || (writes && !this.db.inTransaction)
        return durable ? this.#store(() => call(...args), life) : call(...args)
      }
      Object.defineProperty(statement, name, { value: watched })
    }
    return statement
  }

  #store(write: () => unknown, life: Life): unknown {
    const fate = this.fate()
    if (fate === 'full') {
      if (this.db.inTransaction && this.rollsBack()) this.db.exec('ROLLBACK')
      throw new Database.SqliteError('database or disk is full', 'SQLITE_FULL')
    }
    if (fate === 'stored') return write()
    if (fate === 'crash after') write()
    else if (this.db.inTransaction) this.db.exec('ROLLBACK')
    life.end()
    throw new Crash(`the program ends: ${fate} it was stored`)
  }
}
