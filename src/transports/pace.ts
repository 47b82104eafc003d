import type { Clock } from '../kernel/clock.ts'
import type { Capabilities, Rate } from './transport.ts'

/**
 * Holds a network's rates: each room has its own turns, and all rooms share the network's.
 *
 * A message counts from the moment when it began until long enough after it has ended, since nobody
 * knows when in between the network has counted it. So no limit is ever passed, and none is left
 * unused but for the time that the sends themselves take.
 */
export class Pace {
  readonly #limits: Pick<Capabilities, 'rates' | 'overallRates'>
  readonly #clock: Clock
  readonly #overall: Sends
  /** The rooms that were sent something lately, the least lately one first. */
  readonly #rooms = new Map<string, Sends>()
  readonly #underWay = new Set<string>()

  constructor(limits: Pick<Capabilities, 'rates' | 'overallRates'>, clock: Clock) {
    this.#limits = limits
    this.#clock = clock
    this.#overall = new Sends(limits.overallRates)
  }

  /** Takes the room's turn and returns 0, or returns how many ms it is until there may be one. */
  take(room: string): number {
    if (this.#underWay.has(room)) return 0
    const now = this.#clock.now()
    this.#forget(now)
    const wait = this.#rooms.get(room)?.wait(now, 0) || this.#overall.wait(now, this.#underWay.size)
    if (wait === 0) this.#underWay.add(room)
    return wait
  }

  /** The room has been sent its message, or has not been. */
  done(room: string): void {
    if (!this.#underWay.delete(room)) return
    const now = this.#clock.now()
    const sends = this.#rooms.get(room) ?? new Sends(this.#limits.rates(room))
    this.#rooms.delete(room)
    this.#rooms.set(room, sends)
    sends.add(now)
    this.#overall.add(now)
  }

  #forget(now: number): void {
    for (const [room, sends] of this.#rooms) {
      if (!sends.isOver(now)) return
      this.#rooms.delete(room)
    }
  }
}

/** The latest sends, as many as their rates look back at. */
class Sends {
  readonly #rates: readonly Rate[]
  readonly #most: number
  /** When they ended, the oldest first. */
  #ended: number[] = []

  constructor(rates: readonly Rate[]) {
    this.#rates = rates
    this.#most = Math.max(0, ...rates.map(({ messages }) => messages))
  }

  /** How many ms it is until one more may begin, while `underWay` others have not ended. */
  wait(now: number, underWay: number): number {
    const waits = this.#rates.map(({ messages, withinMs }) => {
      const back = messages - underWay
      const oldest = back > 0 ? this.#ended.at(-back) : now
      return oldest === undefined ? 0 : oldest + withinMs - now
    })
    return Math.max(0, ...waits)
  }

  add(now: number): void {
    this.#ended = [...this.#ended, now].slice(-this.#most || Number.POSITIVE_INFINITY)
  }

  isOver(now: number): boolean {
    const longest = Math.max(0, ...this.#rates.map(({ withinMs }) => withinMs))
    return (this.#ended.at(-1) ?? 0) + longest <= now
  }
}
