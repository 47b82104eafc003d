import type { Store } from '../../store/store.ts'

/** A move of the base branch that was begun: from `base` to `commit`, for `item`. */
export interface Landing {
  readonly item: number
  readonly base: string
  readonly commit: string
}

/** The landings that are under way, durably. */
export class Landings {
  readonly #store: Store

  constructor(store: Store) {
    this.#store = store
  }

  /** Stored when this returns. */
  begin({ item, base, commit }: Landing, now: number): void {
    this.#store.transaction(() =>
      this.#store.db
        .prepare(
          'INSERT OR REPLACE INTO landings (item, base, commit_id, started_at) VALUES (?, ?, ?, ?)',
        )
        .run(item, base, commit, now),
    )
  }

  /** Oldest first. */
  all(): Landing[] {
    return this.#store.db
      .prepare<[], Landing>(
        'SELECT item, base, commit_id AS "commit" FROM landings ORDER BY started_at, item',
      )
      .all()
  }

  end(item: number): void {
    this.#store.transaction(() =>
      this.#store.db.prepare('DELETE FROM landings WHERE item = ?').run(item),
    )
  }
}
