import { homedir } from 'node:os'
import type { Clock } from '../../kernel/clock.ts'
import { Notices } from '../../kernel/notices.ts'
import { momentAt } from '../../pipeline/later/local-time.ts'
import { firstLine } from '../../pipeline/reason.ts'
import type { AccountSettings } from '../../pipeline/settings.ts'
import type { Store } from '../../store/store.ts'
import type { Run, Runs } from '../runs/run.ts'
import { describeAccount, keyOf } from './account-key.ts'
import { awaken, isWaiting, type Park, park } from './account-park.ts'
import { AccountParks } from './account-parks.ts'

/** Whose account is asked for. */
interface Payer {
  readonly runtime: string
  /** The only one that may pay. */
  readonly account?: string | undefined
}

export interface AccountsParts {
  readonly store: Store
  readonly runs: Pick<Runs, 'get'>
  readonly clock: Clock
  /** From 0 up to 1. */
  readonly random: () => number
  readonly accounts: readonly AccountSettings[]
  /** The time zone of the times that people are told. */
  readonly timezone: string
}

/** The account that pays an agent's next run, or why there is none now. */
export type AccountChoice =
  | {
      readonly kind: 'account'
      readonly account: string
      /** It was parked: this run tries it before any other may. */
      readonly probes: boolean
    }
  | {
      readonly kind: 'none'
      readonly reason: string
      readonly until?: number
      /** One run tries it now: soon more is known. */
      readonly tried?: true
    }

/** What an account pays: a run, or an answer in the chat. */
type Paid = Pick<Run, 'id' | 'account' | 'outcome'>

/** An account was parked until another time than before. */
export interface Parking {
  readonly account: string
  readonly park: Park
  /** Whether its runtime has other accounts. */
  readonly shared: boolean
  /** What pays for the runtime's agents from now on. */
  readonly next: AccountChoice
}

/**
 * The accounts of the project's runtimes: those of the settings, or the one login that the machine
 * has. It is stored which of them are at their limit or not accepted; when that is over, one run
 * tries, and the others follow once it was answered.
 */
export class Accounts {
  /** Told after an account may be used again. A hint. */
  readonly freed = new Notices<string>()
  readonly #parts: AccountsParts
  readonly #parks: AccountParks
  readonly #witnesses: ((parking: Parking) => void)[] = []
  /** Answers that are being given: none outlives this program. */
  readonly #answers = new Set<string>()

  constructor(parts: AccountsParts) {
    this.#parts = parts
    this.#parks = new AccountParks(parts.store)
  }

  /** Has `witness` called in the transaction in which an account is parked, or for longer. */
  witness(witness: (parking: Parking) => void): void {
    this.#witnesses.push(witness)
  }

  /** The first account of the agent that may be used; `probing` are about to be tried by others. */
  choose(agent: Payer, probing: ReadonlySet<string> = new Set()): AccountChoice {
    const choices = this.#accountsOf(agent).map((account) => this.#choice(account, probing))
    const usable = choices.find(({ kind }) => kind === 'account')
    return usable ?? choices.reduce(soonest)
  }

  /** The configuration folder of an account; undefined for the machine's own login. */
  homeOf(key: string): string | undefined {
    const home = this.#parts.accounts.find((account) => keyOf(account) === key)?.home
    return home?.replace(/^~(?=\/)/, homedir())
  }

  /** Belongs into the transaction of the run's claim: it tries its account if that was parked. */
  claimed({ id, account }: Paid): void {
    const parked = this.#parks.get(account)
    if (parked) this.#parks.set(account, { ...parked, probe: id })
  }

  /** The same for an answer in the chat, which is given from now on. */
  answering(answer: Paid): void {
    this.#answers.add(answer.id)
    this.claimed(answer)
  }

  /** Why a run that is claimed must not start after all; undefined when it may. */
  holding({ id, account }: Run): string | undefined {
    const parked = this.#parks.get(account)
    return parked && parked.probe !== id ? this.#describe(account, parked) : undefined
  }

  /** The service has answered the run: where that was tried, all others may follow. */
  answered({ id, account }: Paid): void {
    if (this.#parks.get(account)?.probe !== id) return
    this.#parks.delete(account)
    this.#parts.store.afterCommit(() => this.freed.tell(account))
  }

  /** Belongs into the transaction in which the run is counted as exited, or the answer as over. */
  ended(paid: Paid): void {
    const { id, account, outcome } = paid
    this.#answers.delete(id)
    if (outcome?.kind === 'completed') this.answered(paid)
    if (outcome?.kind !== 'limited' && outcome?.kind !== 'refused') return
    const { clock, random } = this.#parts
    const before = this.#parks.get(account)
    const after = park(before, outcome, clock.now(), random())
    if (after === before) return
    this.#parks.set(account, after)
    this.#tell(account, after)
  }

  /** Has the agent's accounts tried now, whatever was said of them, because a person says so. */
  wake(agent: Payer): void {
    for (const account of this.#accountsOf(agent)) this.#wake(account)
  }

  /** Has all accounts tried that are parked, or those of this kind, because a person says so; false: none is. */
  wakeAll(kind?: Park['kind']): boolean {
    const parks = this.#parks.all().filter((parked) => kind === undefined || parked.kind === kind)
    const waiting = parks.filter((parked) => isWaiting(parked, this.#parts.clock.now()))
    for (const { account } of waiting) this.#wake(account)
    return waiting.length > 0
  }

  /** When the next account may be tried by itself; undefined when none waits for that. */
  get nextDue(): number | undefined {
    const times = this.#parks.all().flatMap(({ until }) => (until === undefined ? [] : [until]))
    const later = times.filter((until) => until > this.#parts.clock.now())
    return later.length > 0 ? Math.min(...later) : undefined
  }

  #wake(account: string): void {
    const now = this.#parts.clock.now()
    const parked = this.#parks.get(account)
    if (!parked || !isWaiting(parked, now)) return
    this.#parks.set(account, awaken(parked, now))
    this.#parts.store.afterCommit(() => this.freed.tell(account))
  }

  #choice(account: string, probing: ReadonlySet<string>): AccountChoice {
    const parked = this.#parks.get(account)
    if (!parked) return { kind: 'account', account, probes: false }
    const isDue = !isWaiting(parked, this.#parts.clock.now())
    if (isDue && !this.#isProbed(parked) && !probing.has(account))
      return { kind: 'account', account, probes: true }
    const reason = this.#describe(account, parked)
    if (isDue) return { kind: 'none', reason, tried: true }
    return { kind: 'none', reason, ...(parked.until !== undefined && { until: parked.until }) }
  }

  #isProbed({ probe }: Park): boolean {
    if (probe === undefined) return false
    if (this.#answers.has(probe)) return true
    const state = this.#parts.runs.get(probe)?.state
    return state === 'claimed' || state === 'running'
  }

  #accountsOf({ runtime, account }: Payer): readonly string[] {
    const own = this.#parts.accounts.filter((each) => each.runtime === runtime)
    const chosen = account === undefined ? own : own.filter(({ name }) => name === account)
    return chosen.length > 0 ? chosen.map(keyOf) : [runtime]
  }

  #describe(account: string, parked: Park): string {
    const { clock, timezone } = this.#parts
    const name = describeAccount(account)
    if (!isWaiting(parked, clock.now())) return `one run tries ${name} before the others do`
    if (parked.until === undefined)
      return `${name} is refused (${firstLine(parked.reason).replace(/[.]$/, '')}): log in again or mend it, then say "resume"`
    return `${name} is at its limit until ${momentAt(parked.until, timezone)}`
  }

  #tell(account: string, after: Park): void {
    const [runtime = account] = account.split('/')
    const shared = this.#accountsOf({ runtime }).length > 1
    const parking = { account, park: after, shared, next: this.choose({ runtime }) }
    for (const witness of this.#witnesses) witness(parking)
  }
}

/** The one that can be used first; those that wait for a person last. */
function soonest(one: AccountChoice, other: AccountChoice): AccountChoice {
  return dueOf(other) < dueOf(one) ? other : one
}

function dueOf(choice: AccountChoice): number {
  return (choice.kind === 'none' ? choice.until : undefined) ?? Number.POSITIVE_INFINITY
}
