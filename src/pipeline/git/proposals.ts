import type { Store } from '../../store/store.ts'
import type { Squash } from '../trunk.ts'

/** What was pushed as a branch of its own, for people to merge. */
export interface Proposal extends Squash {
  readonly item: number
  /** Whether its pull request was opened. */
  readonly opened: boolean
}

/** The proposals that are not merged yet, durably. */
export class Proposals {
  readonly #store: Store

  constructor(store: Store) {
    this.#store = store
  }

  /** Stored when this returns. The pull request of an earlier one stays open, and shows the new one. */
  put(item: number, { base, commit, tree }: Squash): void {
    this.#write(
      `INSERT INTO proposals (item, base, commit_id, tree) VALUES (?, ?, ?, ?)
       ON CONFLICT (item) DO UPDATE SET
         base = excluded.base, commit_id = excluded.commit_id, tree = excluded.tree`,
      [item, base, commit, tree],
    )
  }

  setOpened(item: number): void {
    this.#write('UPDATE proposals SET opened = 1 WHERE item = ?', [item])
  }

  of(item: number): Proposal | undefined {
    return this.all().find((proposal) => proposal.item === item)
  }

  /** By item. */
  all(): Proposal[] {
    return this.#store.db
      .prepare<[], Omit<Proposal, 'opened'> & { readonly opened: number }>(
        'SELECT item, base, commit_id AS "commit", tree, opened FROM proposals ORDER BY item',
      )
      .all()
      .map((row) => ({ ...row, opened: row.opened === 1 }))
  }

  end(item: number): void {
    this.#write('DELETE FROM proposals WHERE item = ?', [item])
  }

  #write(sql: string, values: readonly (string | number)[]): void {
    this.#store.transaction(() => this.#store.db.prepare(sql).run(...values))
  }
}
