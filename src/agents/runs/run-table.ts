import type { Store } from '../../store/store.ts'
import { noAccount } from '../accounts/account-key.ts'
import type { Outcome } from '../runtime.ts'
import type { AgentRole, Run, RunState, StopIntent } from './run.ts'

/** What a claim takes: an item, for an agent. */
export interface Claim {
  readonly item: number
  readonly agent: string
  readonly role: AgentRole
  readonly attempt: number
  /** That of programs which need none, where it is missing. */
  readonly account?: string
  readonly model?: string
}

interface Row {
  readonly number: number
  readonly item: number
  readonly agent: string
  readonly role: AgentRole
  readonly state: RunState
  readonly attempt: number
  readonly pid: number | null
  readonly start_time: string | null
  readonly boot_id: string | null
  readonly output_offset: number
  readonly session: string | null
  readonly stop: string | null
  readonly outcome: string | null
  readonly account: string | null
  readonly model: string | null
  readonly throttled_until: number | null
  readonly survivors: string | null
  readonly started_at: number
  readonly ended_at: number | null
}

/** The rows of `runs`, as `Run` values. */
export class RunTable {
  readonly #insert
  readonly #update
  readonly #get
  readonly #of
  readonly #latestOf
  readonly #latestHelpOf
  readonly #active

  constructor({ db }: Store) {
    this.#insert = db.prepare<
      [Omit<Claim, 'account' | 'model'> & Pick<Row, 'account' | 'model' | 'started_at'>],
      Row
    >(
      `INSERT INTO runs (item, agent, role, state, attempt, account, model, started_at)
       VALUES (@item, @agent, @role, 'claimed', @attempt, @account, @model, @started_at) RETURNING *`,
    )
    this.#update = db.prepare<[Row]>(
      `UPDATE runs SET state = @state, pid = @pid, start_time = @start_time, boot_id = @boot_id,
         output_offset = @output_offset, session = @session, stop = @stop, outcome = @outcome,
         survivors = @survivors, throttled_until = @throttled_until, ended_at = @ended_at
       WHERE number = @number`,
    )
    this.#get = db.prepare<[number], Row>('SELECT * FROM runs WHERE number = ?')
    this.#of = db.prepare<[number], Row>('SELECT * FROM runs WHERE item = ? ORDER BY number DESC')
    this.#latestOf = db.prepare<[number], Row>(
      'SELECT * FROM runs WHERE item = ? ORDER BY number DESC LIMIT 1',
    )
    this.#latestHelpOf = db.prepare<[string], Row>(
      `SELECT * FROM runs WHERE agent = ? AND role = 'other' ORDER BY number DESC LIMIT 1`,
    )
    this.#active = db.prepare<[], Row>(`SELECT * FROM runs WHERE state <> 'ended' ORDER BY number`)
  }

  insert(claim: Claim, now: number): Run {
    const row = this.#insert.get({ account: null, model: null, ...claim, started_at: now })
    if (!row) throw new Error('an inserted run was not returned')
    return runOf(row)
  }

  update(run: Run): void {
    this.#update.run(rowOf(run))
  }

  get(id: string): Run | undefined {
    const number = /^r(\d{1,15})$/.exec(id)?.[1]
    const row = number === undefined ? undefined : this.#get.get(Number(number))
    return row && runOf(row)
  }

  /** Newest first. */
  of(item: number): Run[] {
    return this.#of.all(item).map(runOf)
  }

  latestOf(item: number): Run | undefined {
    const row = this.#latestOf.get(item)
    return row && runOf(row)
  }

  latestHelpOf(agent: string): Run | undefined {
    const row = this.#latestHelpOf.get(agent)
    return row && runOf(row)
  }

  active(): Run[] {
    return this.#active.all().map(runOf)
  }
}

function runOf(row: Row): Run {
  return {
    id: `r${row.number}`,
    item: row.item,
    agent: row.agent,
    role: row.role,
    state: row.state,
    token: row.number,
    attempt: row.attempt,
    account: row.account ?? noAccount,
    ...(row.model !== null && { model: row.model }),
    ...identityOf(row),
    offset: row.output_offset,
    ...(row.session !== null && { session: row.session }),
    ...(row.stop !== null && { stop: JSON.parse(row.stop) as StopIntent }),
    ...(row.outcome !== null && { outcome: JSON.parse(row.outcome) as Outcome }),
    ...(row.throttled_until !== null && { throttledUntil: row.throttled_until }),
    ...(row.survivors !== null && { survivors: JSON.parse(row.survivors) as number[] }),
    startedAt: row.started_at,
    ...(row.ended_at !== null && { endedAt: row.ended_at }),
  }
}

function identityOf({ pid, start_time, boot_id }: Row): Pick<Run, 'identity'> {
  if (pid === null || start_time === null || boot_id === null) return {}
  return { identity: { pid, startTime: start_time, bootId: boot_id } }
}

function rowOf(run: Run): Row {
  return {
    number: run.token,
    item: run.item,
    agent: run.agent,
    role: run.role,
    state: run.state,
    attempt: run.attempt,
    pid: run.identity?.pid ?? null,
    start_time: run.identity?.startTime ?? null,
    boot_id: run.identity?.bootId ?? null,
    output_offset: run.offset,
    session: run.session ?? null,
    stop: json(run.stop),
    outcome: json(run.outcome),
    account: run.account,
    model: run.model ?? null,
    throttled_until: run.throttledUntil ?? null,
    survivors: json(run.survivors),
    started_at: run.startedAt,
    ended_at: run.endedAt ?? null,
  }
}

function json(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value)
}
