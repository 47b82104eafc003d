import type { Store } from '../../store/store.ts'
import type { Squash } from '../trunk.ts'

/** What was pushed as a branch of its own, for people to merge. */
export interface Proposal extends Squash {
  readonly item: number
  /** Whether it has a pull request; perhaps, where nobody heard what became of opening it. */
  readonly opened: 'no' | 'perhaps' | 'yes'
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

  setOpened(item: number, opened: Proposal['opened']): void {
    this.#write('UPDATE proposals SET opened = ?, opening = ? WHERE item = ?', [
      opened === 'yes' ? 1 : 0,
      opened === 'perhaps' ? 1 : 0,
      item,
    ])
  }

  of(item: number): Proposal | undefined {
    return this.all().find((proposal) => proposal.item === item)
  }

  /** By item. */
  all(): Proposal[] {
    return this.#store.db
      .prepare<[], Proposal>(
        `SELECT item, base, commit_id AS "commit", tree,
           CASE WHEN opened THEN 'yes' WHEN opening THEN 'perhaps' ELSE 'no' END AS opened
         FROM proposals ORDER BY item`,
      )
      .all()
  }

  end(item: number): void {
    this.#write('DELETE FROM proposals WHERE item = ?', [item])
  }

  #write(sql: string, values: readonly (string | number)[]): void {
    this.#store.transaction(() => this.#store.db.prepare(sql).run(...values))
  }
}
