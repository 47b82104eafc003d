import { type Clock, pause } from '../kernel/clock.ts'
import { type Courier, type Receipt, SendFailure } from './courier.ts'
import type { Part, Place } from './message.ts'
import type { Outbox, Parcel, Queued } from './outbox.ts'
import { type Persistence, persist, waitForDisk } from './persist.ts'

/** What the delivery works with. */
export interface DeliveryParts extends Persistence {
  readonly outbox: Outbox
  readonly couriers: readonly Courier[]
  /** For the jitter of retries, between 0 and 1. */
  readonly random: () => number
}

/** One room's messages, sent one after the other. */
interface Room {
  readonly courier: Courier
  readonly place: Place
  readonly waiting: number[]
  /** How often the first message has failed. */
  failures: number
  /** Whether the first message is to go without markup, since the network could not read it. */
  plain: boolean
  /** Present while there are messages. */
  worker: Promise<void> | undefined
}

/** Stores how a part of a message has ended. */
type Mark = () => void

/** The next part of a message, and whether another one follows it. */
interface Next {
  readonly id: number
  readonly part: Part
  readonly more: boolean
  readonly parcel: Parcel
}

const firstRetryMs = 1000
const longestRetryMs = 60_000

/**
 * Sends what is in the outbox, in order per room, each room by itself.
 *
 * Each part of a message is marked before the call and after it. Between the two nobody knows whether
 * it has arrived: after a crash it is repeated only where that does no harm, else its room is told.
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
    return this.#workers.length === 0
  }

  /** Goes on with what an earlier program left, and then sends whatever is queued. */
  start(): void {
    const { outbox, store } = this.#parts
    this.#unlisten = outbox.queued.listen((queued) => this.#queue(queued))
    for (const left of outbox.unfinished()) {
      const courier = this.#couriers.get(left.transport)
      if (courier && left.sending && !mayRepeat(courier, left)) {
        const { part, more } = nextOf(courier, left.id, left)
        store.transaction(() => outbox.doubted(left.id, part.text, more))
        if (!more) continue
      }
      this.#queue(left)
    }
  }

  /** Cancels what is being sent and resolves when it has been marked; the rest stays in the outbox. */
  async stop(): Promise<void> {
    this.#unlisten()
    this.#stop.abort()
    await Promise.all(this.#workers)
  }

  #queue({ id, transport, room: name }: Queued): void {
    const courier = this.#couriers.get(transport)
    if (!courier) {
      this.#parts.log.warn({ transport }, 'A message waits for a network that is not connected.')
      return
    }
    const room = this.#room(courier, name)
    room.waiting.push(id)
    room.worker ??= this.#work(room)
  }

  /** There are as many as the bot has ever spoken in: they are kept. */
  #room(courier: Courier, name: string): Room {
    const key = `${courier.name}/${name}`
    const known = this.#rooms.get(key)
    if (known) return known
    const room: Room = {
      courier,
      place: { transport: courier.name, room: name },
      waiting: [],
      failures: 0,
      plain: false,
      worker: undefined,
    }
    this.#rooms.set(key, room)
    return room
  }

  get #workers(): readonly Promise<void>[] {
    return [...this.#rooms.values()].flatMap(({ worker }) => worker ?? [])
  }

  /** Sends a room's messages until none is left. The mark of one and the start of the next are one commit. */
  async #work(room: Room): Promise<void> {
    const { outbox, store } = this.#parts
    const { signal } = this.#stop
    let mark: Mark | undefined
    while (mark || (room.waiting.length > 0 && !signal.aborted)) {
      const id = signal.aborted ? undefined : room.waiting[0]
      const turn = id === undefined ? undefined : room.courier.turn?.(room.place, signal)
      let parcel: Parcel | undefined
      try {
        parcel = await store.commitUnguarded(() => {
          mark?.()
          return id === undefined || turn ? undefined : outbox.take(id)
        })
      } catch (error) {
        await waitForDisk(this.#parts, signal, error)
        continue
      }
      mark = undefined
      if (turn) await turn
      if (id !== undefined && parcel) mark = await this.#deliver(room, id, parcel)
    }
    room.worker = undefined
  }

  /** Sends the next part of a room's first message, and returns its mark once it has ended. */
  async #deliver(room: Room, id: number, parcel: Parcel): Promise<Mark | undefined> {
    const next = nextOf(room.courier, id, parcel)
    let mark: Mark | undefined
    let over = !next.more
    try {
      const { messageId } = await this.#send(next, room)
      mark = () => this.#parts.outbox.sent(id, messageId, next.more)
    } catch (error) {
      if (!(error instanceof SendFailure)) throw error
      mark = await this.#afterFailure(next, room, error)
      if (!mark) return undefined
      over ||= error.kind !== 'unknown'
    }
    if (over) room.waiting.shift()
    room.failures = 0
    room.plain = false
    return mark
  }

  #send({ part, parcel: { edits } }: Next, { courier, plain }: Room): Promise<Receipt> {
    const form = plain ? unformatted(part) : part
    return edits !== undefined && courier.edit && canEdit(courier)
      ? courier.edit(edits, form, this.#stop.signal)
      : courier.send(form, this.#stop.signal)
  }

  /**
   * The one place where it is decided what each kind of failure means. Returns the message's mark;
   * without one the message is still the first of its room, and it is time to try it again.
   */
  async #afterFailure(
    { id, part, more, parcel }: Next,
    room: Room,
    failure: SendFailure,
  ): Promise<Mark | undefined> {
    const { outbox, log } = this.#parts
    switch (failure.kind) {
      case 'cancelled':
        return this.#again(id, 0)
      case 'rate-limited':
        if (failure.until === undefined) return this.#again(id, this.#backOff(room))
        return this.#again(id, failure.until - this.#clock.now())
      case 'transient':
      case 'conflict':
      case 'refused':
        return this.#again(id, this.#backOff(room))
      case 'unknown':
        if (!failure.forGood && mayRepeat(room.courier, parcel))
          return this.#again(id, this.#backOff(room))
        return () => outbox.doubted(id, part.text, more)
      case 'invalid':
        if (room.plain || part.formatted === undefined) break
        room.plain = true
        return this.#again(id, 0)
      case 'forbidden':
      case 'gone':
        break
    }
    log.warn({ message: id, kind: failure.kind, err: failure }, 'A message cannot be sent.')
    return () => outbox.failed(id)
  }

  /** Stores that the message was not sent, so that no crash leaves a doubt, and waits. */
  async #again(id: number, delayMs: number): Promise<undefined> {
    await persist(this.#parts, this.#stop.signal, () => this.#parts.outbox.putBack(id))
    if (delayMs > 0) await pause(this.#clock, delayMs, this.#stop.signal)
  }

  /** 1, 2, 4, ... seconds up to a minute, and up to a quarter more, so that rooms do not retry in step. */
  #backOff(room: Room): number {
    const delay = Math.min(longestRetryMs, firstRetryMs * 2 ** room.failures++)
    return delay * (1 + this.#parts.random() / 4)
  }
}

function unformatted({ formatted: _, ...part }: Part): Part {
  return part
}

/** Where the cut has changed since, what was sent last is rather sent twice. */
function nextOf(courier: Courier, id: number, parcel: Parcel): Next {
  const parts = courier.parts(parcel.message)
  const index = Math.min(parcel.partsSent, parts.length - 1)
  const part = parts[index]
  if (!part) throw new Error(`${courier.name} makes no part of message ${id}.`)
  return { id, part, more: index + 1 < parts.length, parcel }
}

/** Whether doing it a second time does no harm, should it have been done already. */
function mayRepeat(courier: Courier, { edits, repeatable, message }: Omit<Parcel, 'partsSent'>) {
  // What only one person sees is in no history, where a network could look for it.
  const findable = courier.capabilities.idempotentSend && message.onlyFor === undefined
  return repeatable || findable || (edits !== undefined && canEdit(courier))
}

function canEdit(courier: Courier): boolean {
  return courier.edit !== undefined && courier.capabilities.edit !== 'none'
}
