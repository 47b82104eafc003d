import { type Courier, SendFailure, type SendFailureKind } from '../../src/bot/courier.ts'
import type { OutgoingMessage, Part } from '../../src/bot/message.ts'
import type { Clock } from '../../src/kernel/clock.ts'
import { idempotent, type Network } from './network.ts'
import type { World } from './world.ts'

const failures: readonly SendFailureKind[] = [
  'transient',
  'transient',
  'conflict',
  'rate-limited',
  'unknown',
  'unknown',
  'invalid',
  'gone',
]

/** One program's way to a network: it takes a while, and chance decides how it ends. */
export class SimulatedCourier implements Courier {
  readonly name: string
  readonly capabilities
  readonly #world: World
  readonly #network: Network
  readonly #clock: Clock

  constructor(name: string, world: World, network: Network, clock: Clock) {
    this.name = name
    this.capabilities = { edit: 'none', idempotentSend: idempotent[name] === true } as const
    this.#world = world
    this.#network = network
    this.#clock = clock
  }

  parts(message: OutgoingMessage): readonly Part[] {
    return [{ ...message, formatted: message.text }]
  }

  send(message: Part, signal: AbortSignal): Promise<{ readonly messageId: string }> {
    const failure = this.#failure(message)
    const landed = this.#network.take(message)
    let arrived = false
    return new Promise((resolve, reject) => {
      const timer = this.#clock.after(this.#world.delay(), () => {
        arrived = !failure || (failure.kind === 'unknown' && this.#world.chance.in(0.5))
        if (arrived) this.#network.arrive(message)
        landed()
        this.#clock.after(this.#world.delay(), () => {
          if (failure) reject(failure)
          else resolve({ messageId: `${this.name}-${message.id}` })
        })
      })
      signal.addEventListener('abort', () => {
        timer.cancel()
        landed()
        reject(new SendFailure(arrived ? 'unknown' : 'cancelled', 'the program stops'))
      })
    })
  }

  #failure({ id, formatted }: Part): SendFailure | undefined {
    if (!this.#world.goesWrong('sends', () => `${this.name} fails with ${id}`)) return undefined
    const kind = this.#world.chance.of(failures)
    if (kind === 'gone' || (kind === 'invalid' && formatted === undefined))
      this.#network.refused.add(id)
    const until = this.#world.scheduler.now() + this.#world.chance.between(100, 60_000)
    return new SendFailure(kind, 'simulated', kind === 'rate-limited' ? { until } : {})
  }
}
