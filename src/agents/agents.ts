import type { Clock } from '../kernel/clock.ts'
import { Problem } from '../kernel/problem.ts'
import type { Actor, Item } from '../pipeline/item.ts'
import type { Pipeline } from '../pipeline/pipeline.ts'
import type { AgentSettings } from '../pipeline/settings.ts'
import type { ProcessHost } from '../processes/process-host.ts'
import type { Store } from '../store/store.ts'
import type { Park } from './accounts/account-park.ts'
import type { Accounts } from './accounts/accounts.ts'
import type { Allowance } from './money/allowance.ts'
import { roleFor } from './pool.ts'
import type { AutoAssign } from './reconcilers/auto-assign.ts'
import type { Supervise } from './reconcilers/supervise.ts'
import type { Roster } from './roster.ts'
import type { Claims } from './runs/claims.ts'
import { lastLines } from './runs/last-lines.ts'
import type { Postponements } from './runs/postponements.ts'
import type { AgentRole, Run } from './runs/run.ts'
import type { SqliteRuns } from './runs/runs.ts'
import { unfinishedHelp } from './unfinished-help.ts'

export interface AgentsParts {
  readonly clock: Clock
  readonly store: Store
  readonly pipeline: Pipeline
  readonly runs: SqliteRuns
  readonly host: ProcessHost
  readonly roster: Roster
  readonly autoAssign: AutoAssign
  readonly supervise: Supervise
  readonly allowance: Allowance
  readonly accounts: Accounts
  readonly postponements: Postponements
  readonly claims: Claims
}

/** One agent of the settings, and what it works on now. */
export interface AgentStatus {
  readonly name: string
  readonly role: AgentRole
  readonly runtime: string
  readonly model?: string
  /** Its run that is claimed or running. */
  readonly run?: Run
  /** Its account is near its limit, or beyond it and paid for, until then; in ms since the epoch. */
  readonly throttledUntil?: number
  /** Why it cannot start now for want of an account: \`the login of codex is at its limit until ...\`. */
  readonly parked?: string
}

/** What a stop of an item has ended. */
export interface Stopped {
  /** The agents that are being ended. */
  readonly stopped: readonly string[]
  /** Those that would have gone on after a limit. */
  readonly calledOff: readonly string[]
  /** The item is blocked, once they are gone. */
  readonly blocks: boolean
}

/**
 * What people may ask of the agents. What it changes is synchronous and part of the caller's
 * transaction: an intent is stored here, and the reconcilers carry it out.
 */
export class Agents {
  readonly #parts: AgentsParts

  constructor(parts: AgentsParts) {
    this.#parts = parts
  }

  /** All agents, in the order of the settings. */
  list(): readonly AgentStatus[] {
    const { roster, accounts, clock } = this.#parts
    const working = this.#working()
    return roster.settings.map((agent) => {
      const { name, stage, runtime, model } = agent
      const run = working.find((each) => each.agent === name)
      const throttledUntil = run?.throttledUntil ?? 0
      const account = accounts.choose(agent)
      return {
        name,
        role: stage,
        runtime,
        ...(model && { model }),
        ...(run && { run }),
        ...(throttledUntil > clock.now() && { throttledUntil }),
        ...(account.kind === 'none' && { parked: account.reason }),
      }
    })
  }

  /**
   * Has the agents of the item ended, and calls off what waits for a limit. Where that was work which
   * would start again by itself, the item is blocked; an agent that only helps leaves it where it is.
   */
  stop(item: number, by: Actor, reason?: string): Stopped {
    const { store, pipeline, runs } = this.#parts
    pipeline.need(item)
    const told = `Stopped by ${by.name ?? by.id}${reason ? `: ${reason}` : '.'}`
    const stopped = runs.active().filter((run) => run.item === item)
    const isOwn = stopped.some(({ role }) => role !== 'other')
    const waiting = unfinishedHelp(this.#parts).filter((help) => help.item.id === item)
    const isParked = this.parked.has(item)
    if (stopped.length + waiting.length === 0 && !isParked)
      throw new Problem('no-agent', `No agent works on #${item}: "agents" shows who does what.`)
    store.transaction(() => {
      for (const run of stopped) runs.stop(run, { reason: told, by: by.id, next: 'block' })
      for (const { run } of waiting) runs.callOff(run, { reason: told, by: by.id, next: 'nothing' })
      if (isParked) pipeline.apply(item, { type: 'block', reason: told }, by)
    })
    return {
      stopped: stopped.map(({ agent }) => agent),
      calledOff: waiting.map(({ agent }) => agent.name),
      blocks: isOwn || isParked,
    }
  }

  /**
   * Records that this agent is to work on the item, and has another one that does ended. An agent of
   * stage `other` is started at once, beside whoever works there, and is not recorded.
   */
  assign(item: number, name: string, by: Actor): void {
    const { pipeline, runs } = this.#parts
    const target = pipeline.need(item)
    const agent = this.#need(name)
    if (agent.stage === 'other') {
      this.#startBeside(target, agent)
      return
    }
    const needed = roleFor(target.stage) ?? 'coder'
    if (agent.stage !== needed)
      throw new Problem(
        'wrong-stage',
        `${name} is of stage ${agent.stage}, and #${item} in ${target.stage.kind} needs a ${needed}: "agents" shows them.`,
      )
    pipeline.edit(item, { agent: name }, by)
    const run = runs.activeOf(item)
    if (run && run.role !== 'other' && run.agent !== name)
      runs.stop(run, { reason: `#${item} goes to ${name}`, by: by.id, next: 'reassign' })
  }

  /** Gives up waiting for processes of the item's run that cannot be ended. */
  release(item: number): Run {
    this.#parts.pipeline.need(item)
    const run = this.#parts.runs.release(item)
    if (run) return run
    throw new Problem('nothing-to-release', `No process of #${item} is left that resists its end.`)
  }

  /** Why no agent may take the item now; undefined when one may, and will soon. */
  why(item: number): string | undefined {
    const outlook = this.#parts.autoAssign.outlook(this.#parts.pipeline.need(item))
    return outlook.kind === 'none' ? outlook.reason : undefined
  }

  /** The items that wait for a limit to end, or for an overloaded service, and why. */
  get parked(): ReadonlyMap<number, string> {
    return this.#parts.autoAssign.parked
  }

  /** Whether a parked item goes on by itself when its time has come. */
  get waitsForTime(): boolean {
    return this.#parts.autoAssign.waitsForTime
  }

  /** Has a parked item tried now, whatever its service has said; false when it is not parked. */
  wake(id: number): boolean {
    const { store, pipeline, runs, roster, accounts, postponements } = this.#parts
    if (!this.parked.has(id)) return false
    const { stage, agent } = pipeline.need(id)
    postponements.clear(id)
    const able = roster.settings.filter((each) => each.stage === roleFor(stage))
    const named = able.filter(({ name }) => name === agent)
    for (const each of named.length > 0 ? named : able) accounts.wake(each)
    store.afterCommit(() => runs.changed.tell(id))
    return true
  }

  /** Has all parked accounts tried now, or those that were parked so; false where there is none. */
  wakeAll(kind?: Park['kind']): boolean {
    return this.#parts.accounts.wakeAll(kind)
  }

  /** Why no agent starts at all for want of disk space or money; undefined while there is enough. */
  get shortage(): string | undefined {
    return this.#parts.autoAssign.shortage
  }

  /** The last lines that the item's newest run said; empty when it had none. */
  log(item: number, lines: number): readonly string[] {
    const { pipeline, runs, host, roster } = this.#parts
    pipeline.need(item)
    const run = runs.of(item)[0]
    return run ? lastLines(host, run, roster.get(run.agent).runtime.reader(), lines) : []
  }

  /**
   * Ends every agent, because a person ends the program, and resolves when all are verified gone or
   * their survivors named. Their items stay where they are and start again with the next start.
   */
  async stopAll(): Promise<void> {
    const { runs, autoAssign, supervise } = this.#parts
    autoAssign.close()
    const left = () => this.#working().filter(({ survivors }) => survivors === undefined)
    for (let working = left(); working.length > 0; working = left()) {
      for (const run of working) if (!run.stop) runs.stop(run, programEnds)
      await Promise.all(working.map((run) => supervise.finish(run)))
    }
    for (const run of runs.active())
      if (run.state === 'exited' && run.stop?.next === programEnds.next) runs.end(run)
  }

  #working(): readonly Run[] {
    const { runs } = this.#parts
    return runs.active().filter(({ state }) => state === 'claimed' || state === 'running')
  }

  #need(name: string): AgentSettings {
    const { roster } = this.#parts
    const agent = roster.find(name)
    if (agent) return agent
    const names = roster.settings.map((known) => known.name).join(', ') || 'none'
    throw new Problem(
      'no-such-agent',
      `There is no agent ${name} in project.toml: choose one of ${names}.`,
    )
  }

  #startBeside(item: Item, agent: AgentSettings): void {
    const { name } = agent
    const { accounts, allowance, claims } = this.#parts
    const busy = this.#working().find((run) => run.agent === name)
    if (busy)
      throw new Problem('agent-busy', `${name} works on #${busy.item}: wait for it, or stop it.`)
    const spent = allowance.spentToday ?? allowance.spentOn(item.id)
    if (spent !== undefined)
      throw new Problem('no-money', `${name} does not start on #${item.id}: ${spent}.`)
    const choice = accounts.choose(agent)
    if (choice.kind === 'none')
      throw new Problem(
        'account-parked',
        `${name} does not start on #${item.id}: ${choice.reason}.`,
      )
    claims.take(item, agent, choice.account)
  }
}

const programEnds = {
  reason: 'The program was stopped.',
  by: 'shutdown',
  next: 'nothing',
} as const
