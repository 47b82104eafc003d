import type { Store } from '../../store/store.ts'
import type { Park } from './account-park.ts'

interface Row {
  readonly account: string
  readonly kind: Park['kind']
  readonly reason: string
  readonly until: number | null
  readonly untimed: number
  readonly probe: string | null
}

/** The rows of `account_parks`, as `Park` values. */
export class AccountParks {
  readonly #get
  readonly #all
  readonly #set
  readonly #delete

  constructor({ db }: Store) {
    this.#get = db.prepare<[string], Row>('SELECT * FROM account_parks WHERE account = ?')
    this.#all = db.prepare<[], Row>('SELECT * FROM account_parks')
    this.#set = db.prepare<[Row]>(
      `INSERT OR REPLACE INTO account_parks (account, kind, reason, until, untimed, probe)
       VALUES (@account, @kind, @reason, @until, @untimed, @probe)`,
    )
    this.#delete = db.prepare<[string]>('DELETE FROM account_parks WHERE account = ?')
  }

  /** Undefined for an account that may be used. */
  get(account: string): Park | undefined {
    const row = this.#get.get(account)
    return row && parkOf(row)
  }

  all(): (Park & { readonly account: string })[] {
    return this.#all.all().map((row) => ({ ...parkOf(row), account: row.account }))
  }

  set(account: string, { kind, reason, until, untimed, probe }: Park): void {
    this.#set.run({ account, kind, reason, until: until ?? null, untimed, probe: probe ?? null })
  }

  delete(account: string): void {
    this.#delete.run(account)
  }
}

function parkOf({ kind, reason, until, untimed, probe }: Row): Park {
  return {
    kind,
    reason,
    untimed,
    ...(until !== null && { until }),
    ...(probe !== null && { probe }),
  }
}
