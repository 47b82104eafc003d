import type { Cost } from '../../pipeline/cost.ts'
import type { Store } from '../../store/store.ts'
import type { RunState } from '../runs/run.ts'
import { costOf, type Sums, sums } from './ledger.ts'

/** What an agent has cost, with one model and one account. */
export interface AgentCost {
  readonly agent: string
  readonly model?: string
  readonly account?: string
  readonly runs: number
  readonly cost: Cost
}

/** What one run has cost. */
export interface RunCost extends Omit<AgentCost, 'runs'> {
  readonly state: RunState
  readonly startedAt: number
  readonly endedAt?: number
}

interface AgentRow extends Sums {
  readonly agent: string
  readonly model: string | null
  readonly account: string | null
}

interface RunRow extends AgentRow {
  readonly state: RunState
  readonly started_at: number
  readonly ended_at: number | null
}

const joined =
  'spending JOIN runs ON number = spending.run LEFT JOIN run_money ON run_money.run = number'
const who = 'agent, coalesce(run_money.model, runs.model) AS model, account'
const dearestFirst = 'ORDER BY sum(measured) + sum(estimated) DESC'

/** Where the money went, for people who want to know. Each begins with what cost most. */
export class Breakdown {
  readonly #items
  readonly #agents
  readonly #runs

  constructor({ db }: Store) {
    this.#items = db.prepare<[number, number], Sums & { readonly item: number }>(
      `SELECT item, ${sums} FROM ${joined} WHERE quarter >= ? GROUP BY item ${dearestFirst} LIMIT ?`,
    )
    this.#agents = db.prepare<[{ since: number }], AgentRow & { readonly runs: number }>(
      `SELECT * FROM (
         SELECT ${who}, count(DISTINCT number) AS runs, ${sums} FROM ${joined}
         WHERE quarter >= @since GROUP BY 1, 2, 3
         UNION ALL
         SELECT 'the chat', model, NULL, count(*), ${sums} FROM chat_turns
         WHERE began_at >= @since GROUP BY model)
       WHERE measured + estimated > 0 ORDER BY measured + estimated DESC`,
    )
    this.#runs = db.prepare<[number], RunRow>(
      `SELECT ${who}, state, started_at, ended_at, ${sums} FROM ${joined}
       WHERE item = ? GROUP BY number ORDER BY number DESC`,
    )
  }

  /** The items on which most was spent from that moment on. */
  items(since: number, most: number): readonly { readonly item: number; readonly cost: Cost }[] {
    return this.#items.all(since, most).map(({ item, ...spent }) => ({ item, cost: costOf(spent) }))
  }

  /** What each agent has cost from that moment on, the one that answers in the chat included. */
  agents(since: number): readonly AgentCost[] {
    return this.#agents.all({ since }).map((row) => ({ ...whoOf(row), runs: row.runs }))
  }

  /** What each run of the item has cost, the newest first. */
  runs(item: number): readonly RunCost[] {
    return this.#runs.all(item).map((row) => ({
      ...whoOf(row),
      state: row.state,
      startedAt: row.started_at,
      ...(row.ended_at !== null && { endedAt: row.ended_at }),
    }))
  }
}

function whoOf({ agent, model, account, ...spent }: AgentRow): Omit<AgentCost, 'runs'> {
  return {
    agent,
    ...(model !== null && { model }),
    ...(account !== null && { account }),
    cost: costOf(spent),
  }
}
