import type { AgentEvent, Outcome } from '../../src/agents/runtime.ts'
import type { Launch } from '../../src/processes/process-host.ts'
import type { FakeProcess } from '../support/fake-process-host.ts'
import { endWith, tell } from '../support/scripted-runtime.ts'
import type { World } from './world.ts'

const minute = 60_000

/** What a service may do in the place of answering. */
const troubles = [
  'limit',
  'limit without a time',
  'wrong key',
  'overloaded',
  'session lost',
] as const

/** What a session belongs to: it answers to nobody else. */
interface Session {
  readonly item: string
  readonly agent: string
  readonly account: string
  readonly model: string
}

/** The services behind the agents' programs: their accounts' limits, and the sessions they know. */
export class Services {
  readonly #world: World
  readonly #sessions = new Map<string, Session>()
  /** Until when each account is refused, on the world's own clock. */
  readonly #limits = new Map<string, number>()

  constructor(world: World) {
    this.#world = world
  }

  /** Begins or continues the session; calls `answer` if the service does that. */
  ask(agent: FakeProcess, { env }: Launch, answer: () => void): void {
    const { chance } = this.#world
    const { ACCOUNT: account = '', HUSKIES_RUN: run = '' } = env
    const session = this.#resume(env) ?? `s-${run}`
    const trouble = this.#troubleOf(account, run)
    if (trouble === 'session lost' && env.SESSION) {
      endWith(agent, { kind: 'lost-session', reason: 'No such session.' })
      return
    }
    // A service may refuse before a session exists.
    if (!trouble || chance.in(0.7)) tell(agent, { type: 'session', id: session })
    if (!trouble || trouble === 'session lost') {
      this.#begin(session, env)
      tell(agent, { type: 'turn' })
      if (chance.in(0.2)) tell(agent, this.#warning())
      answer()
      return
    }
    this.#begin(session, env)
    agent.after(chance.between(1, 500), () => {
      if (trouble !== 'wrong key') endWith(agent, this.#outcome(account, trouble))
      for (const attempt of [1, 2]) tell(agent, { type: 'retry', attempt, status: 401 })
    })
  }

  /** From now on every account is accepted. Limits end when they end. */
  calmDown(): void {
    for (const [account, until] of this.#limits)
      if (until === Infinity) this.#limits.delete(account)
  }

  #resume({ SESSION, HUSKIES_ITEM, HUSKIES_AGENT, ACCOUNT, MODEL, HUSKIES_RUN }: Launch['env']) {
    if (!SESSION) return undefined
    const known = this.#sessions.get(SESSION)
    const asks = `${HUSKIES_ITEM} ${HUSKIES_AGENT} ${ACCOUNT} ${MODEL}`
    const owns = known && `${known.item} ${known.agent} ${known.account} ${known.model}`
    if (asks !== owns)
      this.#world.breaks(`${HUSKIES_RUN} goes on with ${SESSION} of ${owns} as ${asks}`)
    return SESSION
  }

  #begin(session: string, env: Launch['env']): void {
    const { HUSKIES_ITEM = '', HUSKIES_AGENT = '', ACCOUNT = '', MODEL = '' } = env
    const [item, agent, account, model] = [HUSKIES_ITEM, HUSKIES_AGENT, ACCOUNT, MODEL]
    this.#sessions.set(session, { item, agent, account, model })
  }

  #troubleOf(account: string, run: string): (typeof troubles)[number] | undefined {
    const { chance, scheduler } = this.#world
    const until = this.#limits.get(account) ?? 0
    if (until === Infinity) return 'wrong key'
    if (until > scheduler.now()) return 'limit'
    if (!this.#world.goesWrong('services', () => `${run} is not answered`)) return undefined
    const trouble = chance.of(troubles)
    if (trouble === 'limit')
      this.#limits.set(account, scheduler.now() + chance.between(1, 90) * minute)
    if (trouble === 'wrong key') this.#limits.set(account, Infinity)
    return trouble
  }

  #outcome(account: string, trouble: (typeof troubles)[number]): Outcome {
    if (trouble === 'overloaded') return { kind: 'overloaded', reason: 'Overloaded.' }
    const until = trouble === 'limit' ? this.#limits.get(account) : undefined
    return { kind: 'limited', reason: 'At the limit.', ...(until !== undefined && { until }) }
  }

  #warning(): AgentEvent {
    const { chance, scheduler } = this.#world
    const resetsAt = scheduler.now() + chance.between(-1, 60) * minute
    return {
      type: 'limit',
      status: chance.of(['allowed', 'warning']),
      resetsAt,
      overage: chance.in(0.1),
    }
  }
}
