import type { Statement } from 'better-sqlite3'
import type { Transition } from '../../pipeline/pipeline.ts'
import type { Store } from '../../store/store.ts'

/** What has happened since somebody was told last. */
export interface Bulletin {
  /** Oldest first, a hundred at most: the newest. */
  readonly lines: readonly string[]
  /** How many more there were before them. */
  readonly left: number
  /** The number of the last of them. */
  readonly last: number
}

const mostLines = 100
/** More than this nobody is told: whoever comes back after so much looks for himself. */
const mostKept = 1_000

/** A line for each step of an item through the pipeline, for the chat agent to be told. */
export class News {
  readonly #insert: Statement<[string]>
  readonly #trim: Statement<[number | bigint]>
  readonly #since: Statement<[number], { readonly number: number; readonly line: string }>
  readonly #last: Statement<[], number | null>

  constructor({ db }: Store) {
    this.#insert = db.prepare('INSERT INTO chat_news (line) VALUES (?)')
    this.#trim = db.prepare('DELETE FROM chat_news WHERE number <= ?')
    this.#since = db.prepare('SELECT number, line FROM chat_news WHERE number > ? ORDER BY number')
    this.#last = db.prepare<[], number | null>('SELECT max(number) FROM chat_news').pluck()
  }

  /** Takes a change down. Part of the transaction that makes it. */
  follow({ item, entry }: Transition): void {
    const { event, from, to, by, note } = entry
    if (from === to && event !== 'create' && event !== 'delete') return
    const way = from === undefined || to === undefined ? '' : ` (${from} to ${to})`
    const why = note ? `: ${note}` : ''
    const line = `#${item.id} ${item.name}: ${event}${way} by ${by.name ?? by.id}${why}`
    const { lastInsertRowid } = this.#insert.run(line.replaceAll(/\s+/g, ' '))
    this.#trim.run(Number(lastInsertRowid) - mostKept)
  }

  /** Where somebody begins who need not know what was before. */
  get last(): number {
    return this.#last.get() ?? 0
  }

  since(told: number): Bulletin {
    const rows = this.#since.all(told)
    const lines = rows.slice(-mostLines).map(({ line }) => line)
    return { lines, left: rows.length - lines.length, last: rows.at(-1)?.number ?? told }
  }
}
