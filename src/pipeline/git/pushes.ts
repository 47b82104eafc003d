import type { Store } from '../../store/store.ts'

/** A commit that is on its way to the remote, or may have come there. */
export interface Push {
  readonly item: number
  readonly commit: string
}

/** The pushes whose end is not known to the items yet, durably. */
export class Pushes {
  readonly #store: Store

  constructor(store: Store) {
    this.#store = store
  }

  /** Stored when this returns. */
  begin({ item, commit }: Push, now: number): void {
    this.#store.transaction(() =>
      this.#store.db
        .prepare('INSERT OR REPLACE INTO pushes (item, commit_id, started_at) VALUES (?, ?, ?)')
        .run(item, commit, now),
    )
  }

  of(item: number): Push | undefined {
    return this.all().find((push) => push.item === item)
  }

  /** Oldest first. */
  all(): Push[] {
    return this.#store.db
      .prepare<[], Push>('SELECT item, commit_id AS "commit" FROM pushes ORDER BY started_at, item')
      .all()
  }

  end(item: number): void {
    this.#store.transaction(() =>
      this.#store.db.prepare('DELETE FROM pushes WHERE item = ?').run(item),
    )
  }

  /** Forgets those begun before `time`: no git is still at them. */
  forgetBefore(time: number): void {
    this.#store.transaction(() =>
      this.#store.db.prepare('DELETE FROM pushes WHERE started_at < ?').run(time),
    )
  }
}
