import type { Memory } from '../../src/processes/belonging.ts'
import type { ProcessEntry } from '../../src/processes/process-table.ts'

type Living = { -readonly [Key in keyof ProcessEntry]: ProcessEntry[Key] } & { ofRun: boolean }

/** What may happen to a process; `orphan` is a fork whose parent ends at once. */
export type ProcessEvent = 'fork' | 'exit' | 'setsid' | 'clear' | 'orphan' | 'hide'

/**
 * The process table of a machine with few pids, which are therefore used again all the time, by the
 * kernel's rules: never a pid that still names a session or a group. It knows who truly is whose.
 */
export class SimulatedMachine {
  readonly self = 2
  #living: Living[] = []
  #now = 0
  #newest = 0

  constructor() {
    const init = this.#add({ parent: 0, group: 1, session: 1, runs: [], ofRun: false })
    const bot = this.#fork(init)
    this.#setsid(bot)
    this.#setsid(this.#fork(init))
  }

  /** All that lives now, the youngest last. */
  get living(): readonly ProcessEntry[] {
    return this.#living
  }

  /** Starts the run's first process, as we do it; returns what is remembered of it. */
  startRun(): Memory {
    const [, bot] = this.#living
    if (!bot) throw new Error('the machine has no bot')
    const { pid, startTime } = this.#setsid(this.#fork(bot, { runs: ['r1'], ofRun: true }))
    return { born: startTime, members: [{ pid, startTime }], sessions: [pid] }
  }

  readonly isOfRun = (pid: number): boolean =>
    this.#living.some((each) => each.pid === pid && each.ofRun)

  snapshot(): readonly ProcessEntry[] {
    return this.#living.map(({ ofRun: _, ...entry }) => ({ ...entry }))
  }

  /** Lets something happen to one of the living, init and the bot apart. */
  happen(event: ProcessEvent, who: number): void {
    const mortals = this.#living.slice(2)
    const one = mortals[who % mortals.length]
    if (!one) return
    if (event === 'exit') this.#exit(one)
    else if (event === 'setsid') this.#setsid(one)
    else if (event === 'clear') one.runs = []
    else if (event === 'hide') Object.assign(one, { hidden: true, runs: [] })
    else if (this.#living.length < 8) {
      this.#fork(one)
      if (event === 'orphan') this.#exit(one)
    }
  }

  #fork(parent: Living, more: Partial<Living> = {}): Living {
    const { pid, group, session, runs, hidden, ofRun } = parent
    return this.#add({ parent: pid, group, session, runs, hidden, ofRun, ...more })
  }

  #add(more: Partial<Living>): Living {
    const used = new Set(this.#living.flatMap(({ pid, group, session }) => [pid, group, session]))
    do this.#newest = (this.#newest % 26) + 1
    while (used.has(this.#newest))
    this.#now += 1
    const born = { pid: this.#newest, startTime: this.#now, name: 'p', hidden: false }
    const added = { parent: 1, group: 1, session: 1, runs: [], ofRun: false, ...born, ...more }
    this.#living.push(added)
    return added
  }

  #exit(one: Living): void {
    this.#living = this.#living.filter((each) => each !== one)
    for (const each of this.#living) if (each.parent === one.pid) each.parent = 1
  }

  /** Refused, as by the kernel, to whoever leads a group already. */
  #setsid(one: Living): Living {
    if (one.group !== one.pid) Object.assign(one, { session: one.pid, group: one.pid })
    return one
  }
}
