import { type Clock, pause } from '../kernel/clock.ts'
import { type Courier, SendFailure } from './courier.ts'
import type { OutgoingMessage } from './message.ts'
import type { Outbox, Parcel, Queued } from './outbox.ts'
import { type Persistence, persist } from './persist.ts'

/** What the delivery works with. */
export interface DeliveryParts extends Persistence {
  readonly outbox: Outbox
  readonly couriers: readonly Courier[]
  /** For the jitter of retries, between 0 and 1. */
  readonly random: () => number
}

/** One room's messages, sent one after the other. It exists only while there are some. */
interface Room {
  readonly courier: Courier
  readonly waiting: number[]
  /** Failed attempts at the first message. */
  failures: number
  worker: Promise<void>
}

/** How an attempt ended: what is to be stored, and whether and when the message is tried again. */
interface Outcome {
  readonly mark: () => void
  readonly againIn?: number
}

const firstRetryMs = 1000
const longestRetryMs = 60_000

/**
 * Sends what is in the outbox, in order per room, each room by itself.
 *
 * A message is marked before the call and after it. Between the two nobody knows whether it has
 * arrived: after a crash it is repeated only where that does no harm, else its room is told.
 */
export class Delivery {
  readonly #parts: DeliveryParts
  readonly #clock: Clock
  readonly #couriers: ReadonlyMap<string, Courier>
  readonly #rooms = new Map<string, Room>()
  readonly #stop = new AbortController()
  #unlisten: () => void = () => {}

  constructor(parts: DeliveryParts) {
    this.#parts = parts
    this.#clock = parts.clock
    this.#couriers = new Map(parts.couriers.map((courier) => [courier.name, courier]))
  }

  /** True when there is nothing that could be sent. */
  get idle(): boolean {
    return this.#rooms.size === 0
  }

  /** Goes on with what an earlier program left, and then sends whatever is queued. */
  start(): void {
    const { outbox, store } = this.#parts
    this.#unlisten = outbox.queued.listen((queued) => this.#queue(queued))
    for (const left of outbox.unfinished()) {
      const courier = this.#couriers.get(left.transport)
      if (left.sending && courier && !mayRepeat(courier, left))
        store.transaction(() => outbox.doubted(left.id))
      else this.#queue(left)
    }
  }

  /** Cancels what is being sent and resolves when it has been marked; the rest stays in the outbox. */
  async stop(): Promise<void> {
    this.#unlisten()
    this.#stop.abort()
    await Promise.all([...this.#rooms.values()].map((room) => room.worker))
  }

  #queue({ id, transport, room: name }: Queued): void {
    const courier = this.#couriers.get(transport)
    if (!courier) {
      this.#parts.log.warn({ transport }, 'A message waits for a network that is not connected.')
      return
    }
    const key = `${transport}/${name}`
    const room = this.#rooms.get(key)
    if (room) {
      room.waiting.push(id)
      return
    }
    const fresh: Room = { courier, waiting: [id], failures: 0, worker: Promise.resolve() }
    this.#rooms.set(key, fresh)
    fresh.worker = this.#work(key, fresh)
  }

  /** Sends a room's messages until none is left. The mark of one and the start of the next are one commit. */
  async #work(key: string, room: Room): Promise<void> {
    let mark: (() => void) | undefined
    for (;;) {
      const id = this.#stop.signal.aborted ? undefined : room.waiting[0]
      const parcel = await this.#persist(() => {
        mark?.()
        return id === undefined ? undefined : this.#parts.outbox.take(id)
      })
      mark = undefined
      if (id === undefined || !parcel) {
        if (this.#stop.signal.aborted || room.waiting.length === 0) break
        continue
      }
      const outcome = await this.#attempt(id, parcel, room)
      if (outcome.againIn === undefined) {
        room.waiting.shift()
        room.failures = 0
        mark = outcome.mark
      } else {
        await this.#persist(outcome.mark)
        await pause(this.#clock, outcome.againIn, this.#stop.signal)
      }
    }
    this.#rooms.delete(key)
  }

  /** Sends a message; one that the network cannot read is sent again as plain text. */
  async #attempt(id: number, parcel: Parcel, room: Room, plain = false): Promise<Outcome> {
    const { message, edits } = parcel
    const { courier } = room
    const form: OutgoingMessage = plain ? { ...message, plain } : message
    try {
      const { messageId } =
        edits !== undefined && courier.edit && canEdit(courier)
          ? await courier.edit(edits, form, this.#stop.signal)
          : await courier.send(form, this.#stop.signal)
      return { mark: () => this.#parts.outbox.sent(id, messageId) }
    } catch (error) {
      if (!(error instanceof SendFailure)) throw error
      if (error.kind === 'invalid' && !plain) return this.#attempt(id, parcel, room, true)
      return this.#afterFailure(id, parcel, room, error)
    }
  }

  /** The one place where it is decided what each kind of failure means. */
  #afterFailure(id: number, parcel: Parcel, room: Room, failure: SendFailure): Outcome {
    const { outbox, log } = this.#parts
    const putBack = () => outbox.putBack(id)
    switch (failure.kind) {
      case 'cancelled':
        return { mark: putBack, againIn: 0 }
      case 'rate-limited':
        if (failure.until === undefined) return { mark: putBack, againIn: this.#backOff(room) }
        return { mark: putBack, againIn: Math.max(0, failure.until - this.#clock.now()) }
      case 'transient':
      case 'conflict':
        return { mark: putBack, againIn: this.#backOff(room) }
      case 'unknown':
        if (mayRepeat(room.courier, parcel)) return { mark: putBack, againIn: this.#backOff(room) }
        return { mark: () => outbox.doubted(id) }
      case 'refused':
      case 'forbidden':
      case 'gone':
      case 'invalid':
        log.warn({ message: id, kind: failure.kind, err: failure }, 'A message cannot be sent.')
        return { mark: () => outbox.failed(id) }
    }
  }

  /** 1, 2, 4, ... seconds up to a minute, and up to a quarter more, so that rooms do not retry in step. */
  #backOff(room: Room): number {
    const delay = Math.min(longestRetryMs, firstRetryMs * 2 ** room.failures++)
    return delay * (1 + this.#parts.random() / 4)
  }

  #persist<T>(work: () => T): Promise<T> {
    return persist(this.#parts, this.#stop.signal, work, 'commitUnguarded')
  }
}

/** Whether doing it a second time does no harm, should it have been done already. */
function mayRepeat(courier: Courier, { edits, repeatable }: Pick<Parcel, 'edits' | 'repeatable'>) {
  return (
    repeatable || courier.capabilities.idempotentSend || (edits !== undefined && canEdit(courier))
  )
}

function canEdit(courier: Courier): boolean {
  return courier.edit !== undefined && courier.capabilities.edit !== 'none'
}
