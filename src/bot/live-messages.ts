import type { Clock, Timer } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import type { Courier } from './courier.ts'
import { type Place, sessionOf } from './message.ts'
import type { Outbox, Queued } from './outbox.ts'
import type { Transactions } from './persist.ts'

export interface LiveMessagesParts {
  readonly store: Transactions
  readonly outbox: Outbox
  readonly clock: Clock
  readonly couriers: readonly Pick<Courier, 'name' | 'capabilities'>[]
  readonly log: Log
}

/** What a message shows from now on, and for how long. */
export interface Live {
  /** The outbox's number of the message. */
  readonly message: number
  readonly place: Place
  readonly everyMs: number
  readonly forMs: number
  /** Whether there is nothing more to come, before that time. */
  readonly isOver?: () => boolean
  /** Its text now; `over` when it is for the last time. */
  readonly text: (over: boolean) => string
}

interface Kept extends Live {
  readonly until: number
  timer: Timer | undefined
  /** What it was changed to last. */
  shown: string | undefined
}

/**
 * Keeps messages fresh by editing them, one in each session; a new one takes the place of the last.
 *
 * Only a message that has arrived is edited, and an edit that is still on its way becomes the next one,
 * so that a slow or broken network is never flooded. One that cannot edit gets the last text alone, as a
 * new message. One that shows a change in place only of its newest message is left alone as soon as
 * something else is said there. It all ends with the program.
 */
export class LiveMessages {
  readonly #parts: LiveMessagesParts
  readonly #kept = new Map<string, Kept>()
  readonly #unlisten: () => void

  constructor(parts: LiveMessagesParts) {
    this.#parts = parts
    this.#unlisten = parts.outbox.queued.listen((queued) => this.#makeRoomFor(queued))
  }

  /** Part of no transaction: the message is stored. */
  keep(live: Live): void {
    const session = sessionOf(live.place)
    this.#drop(session)
    const until = this.#parts.clock.now() + live.forMs
    const kept: Kept = { ...live, until, timer: undefined, shown: undefined }
    this.#kept.set(session, kept)
    this.#wait(session, kept)
  }

  /** Shows the session's message for the last time; false when none is kept fresh there. */
  stop(session: string): boolean {
    const kept = this.#kept.get(session)
    if (!kept) return false
    this.#drop(session)
    this.#edit(kept, true)
    return true
  }

  /** Leaves all messages as they are. */
  close(): void {
    this.#unlisten()
    for (const session of [...this.#kept.keys()]) this.#drop(session)
  }

  #wait(session: string, kept: Kept): void {
    const { clock } = this.#parts
    const restMs = Math.max(0, kept.until - clock.now())
    kept.timer = clock.after(Math.min(kept.everyMs, restMs), () => {
      if (clock.now() >= kept.until || kept.isOver?.()) {
        this.stop(session)
        return
      }
      if (this.#level(kept.place) !== 'none') this.#edit(kept, false)
      this.#wait(session, kept)
    })
  }

  #edit(kept: Kept, over: boolean): void {
    const { store, outbox, log } = this.#parts
    const { message } = kept
    store
      .commit(() => {
        if (!outbox.isSent(message)) return
        const text = kept.text(over)
        if (text !== kept.shown) outbox.edit(message, text)
        kept.shown = text
      })
      .catch((err) => log.warn({ err, message }, 'A message is not kept fresh.'))
  }

  #makeRoomFor({ id, transport, room, changes }: Queued): void {
    for (const [session, { message, place }] of this.#kept) {
      const isOther = id !== message && changes !== message
      const isHere = place.transport === transport && place.room === room
      if (isOther && isHere && this.#level(place) === 'partial') this.#drop(session)
    }
  }

  #drop(session: string): void {
    this.#kept.get(session)?.timer?.cancel()
    this.#kept.delete(session)
  }

  #level({ transport }: Place): Courier['capabilities']['edit'] {
    const courier = this.#parts.couriers.find(({ name }) => name === transport)
    return courier?.capabilities.edit ?? 'none'
  }
}
