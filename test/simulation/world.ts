import { FakeProcessHost } from '../support/fake-process-host.ts'
import { checkoutBehind, FakeBase, type FakeCommit } from '../support/fake-trunk.ts'
import { FakeWorktrees } from '../support/fake-worktrees.ts'
import { simulatedAgent } from './agents.ts'
import { Chance } from './chance.ts'
import { Disk } from './disk.ts'
import { drawFaults, type Faults, noFaults, SimulatedFault } from './faults.ts'
import { Scheduler } from './scheduler.ts'
import { Services } from './services.ts'

/** How much happened in a simulation. */
export interface Figures {
  steps: number
  messages: number
  programs: number
  crashes: number
  faults: number
  runs: number
  landings: number
}

/** Everything outside the program: it outlives each start of it, and goes on by one seed. */
export class World {
  readonly chance: Chance
  readonly scheduler: Scheduler
  readonly disk = new Disk()
  readonly base = new FakeBase(new Map([['readme', 'begin']]))
  readonly worktrees: FakeWorktrees
  readonly host: FakeProcessHost
  readonly services = new Services(this)
  /** The trees that the merge queue's gates have called green, as they were from begin to end. */
  readonly greenTrees = new Set<string>()
  /** The commits that landed while a person took their item out of the queue. */
  readonly landedElsewhere = new Set<string>()
  readonly figures: Figures = {
    steps: 0,
    messages: 0,
    programs: 0,
    crashes: 0,
    faults: 0,
    runs: 0,
    landings: 0,
  }
  /** Every reconciler is run twice in a row: the second time must make no difference. */
  readonly doesAllTwice: boolean
  /** The first promise that was not kept. */
  broken: string | undefined
  /** While the disk is full, nothing becomes durable. */
  diskIsFull = false
  #faults: Faults
  readonly #trace: ((line: string) => void) | undefined

  constructor(seed: number, trace?: (line: string) => void) {
    this.chance = new Chance(seed)
    this.scheduler = new Scheduler(this.chance)
    this.#trace = trace
    this.#faults = drawFaults(this.chance)
    this.doesAllTwice = this.chance.in(0.3)
    const ports = { clock: this.scheduler, delay: () => this.delay() }
    this.worktrees = new FakeWorktrees({
      ...ports,
      base: () => this.base.head.files,
      fault: (operation, item) => {
        const living = this.living('HUSKIES_ITEM', String(item))
        if (operation === 'remove' && living.length > 0)
          this.breaks(`the worktree of #${item} is removed under ${living}`)
        return this.gitFault(`${operation} of item ${item}`)
      },
    })
    this.host = new FakeProcessHost({ ...ports, program: simulatedAgent(this) })
    this.host.startFault = (run) => {
      const fault = this.goesWrong('starts', () => `the start of ${run} fails`)
      return fault ? this.chance.of(['before', 'after']) : 'none'
    }
    this.base.onLand = (commit) => this.#landed(commit)
    this.disk.fate = () => this.#fate()
    this.disk.rollsBack = () => this.chance.in(0.5)
  }

  get faults(): Faults {
    return this.#faults
  }

  get isCalm(): boolean {
    return this.#faults === noFaults
  }

  /** From now on nothing goes wrong. */
  calmDown(): void {
    this.#faults = noFaults
    this.services.calmDown()
    this.diskIsFull = false
    this.base.inTheWay = undefined
    this.trace('--- nothing goes wrong from here on')
  }

  /** How long a step of anything takes, in ms: mostly a moment, sometimes long. */
  delay(): number {
    return this.chance.in(0.1) ? this.chance.between(1, 2_000) : this.chance.between(1, 20)
  }

  /** Draws whether something goes wrong that can. */
  goesWrong(fault: keyof Faults, what: () => string): boolean {
    const share = this.#faults[fault]
    if (share === 0 || !this.chance.in(share)) return false
    this.figures.faults++
    this.trace(what)
    return true
  }

  gitFault(operation: string): Error | undefined {
    if (operation === 'move' && this.goesWrong('races', () => 'somebody pushes just before'))
      this.base.push('theirs', `pushed at ${this.scheduler.elapsed}`)
    if (operation === 'bring along' && this.goesWrong('behind', () => 'a checkout stays behind'))
      return checkoutBehind()
    const fails = this.goesWrong('git', () => `git fails: ${operation}`)
    return fails ? new SimulatedFault(`${operation}: index.lock exists`) : undefined
  }

  /** So many hints were given; the one of this number is not heard. */
  hints = 0
  unheard: number | undefined

  /** Whether a hint is heard: none is ever relied on. */
  hears(what: () => string): boolean {
    if (this.hints++ === this.unheard) return false
    return !this.goesWrong('deaf', what)
  }

  /** Notes what must never happen; the simulation ends there. */
  breaks(promise: string): void {
    this.trace(`BROKEN: ${promise}`)
    this.broken ??= promise
  }

  trace(what: string | (() => string)): void {
    if (!this.#trace) return
    const at = (this.scheduler.elapsed / 1000).toFixed(3).padStart(9)
    this.#trace(`${at} ${typeof what === 'string' ? what : what()}`)
  }

  get isTraced(): boolean {
    return this.#trace !== undefined
  }

  /**
   * The living runs with this fact in their environment that hold a slot: whoever helps by the side
   * holds none, and those that a person has released, though their processes resist, are nobody's.
   */
  living(fact: 'HUSKIES_ITEM' | 'HUSKIES_AGENT', value: string): string[] {
    return this.host.alive().filter((run) => {
      const env = this.host.launchOf(run)?.env
      const holds = env?.[fact] === value && env.HUSKIES_ROLE !== 'other'
      return holds && !this.#isReleased(run)
    })
  }

  #isReleased(run: string): boolean {
    const row = this.disk.db
      .prepare<[number], { survivors: string | null; state: string }>(
        'SELECT survivors, state FROM runs WHERE number = ?',
      )
      .get(Number(run.slice(1)))
    return row?.survivors != null && (row.state === 'exited' || row.state === 'ended')
  }

  #landed(commit: FakeCommit): void {
    this.figures.landings++
    this.trace(() => `LANDED ${commit.subject} as ${commit.id.slice(0, 7)}`)
  }

  #fate() {
    if (this.diskIsFull) return 'full' as const
    const crashes = this.goesWrong('crashes', () => 'the program ends in the middle of a step')
    return crashes ? this.chance.of(['crash before', 'crash after'] as const) : 'stored'
  }
}

const worldly = new Set([
  'SimulatedFault',
  'SendFailure',
  'Problem',
  'SQLITE_FULL',
  'EAGAIN',
  'EIO',
])

/** Whether an error is the world's doing and not the program's. */
export function isOfTheWorld({
  name,
  code = '',
}: {
  readonly name: string
  readonly code?: string
}) {
  return worldly.has(name) || worldly.has(code)
}
