import type { Bot } from '../../src/bot/bot.ts'
import type { Role } from '../../src/bot/command.ts'
import type { IncomingMessage, Part, Place } from '../../src/bot/message.ts'
import { sessionOf } from '../../src/bot/message.ts'
import type { Life } from '../support/mortal.ts'
import { isOfTheWorld, type World } from './world.ts'

/** A room of a network: in a direct one there is nobody but its person. */
export interface Room extends Place {
  readonly direct: boolean
}

/** Somebody who talks; without a role, the bot does not listen. */
export interface Speaker {
  readonly id: string
  readonly name: string
  readonly role?: Role
}

/** What is expected of a message: an answer may be one, or speak of something else. */
export type Kind = 'command' | 'creation' | 'text' | 'answer'

/** A message that somebody sent, and what became of it. */
export interface Said {
  readonly message: IncomingMessage
  readonly role: Role | undefined
  readonly kind: Kind
  /** All texts that it had, the present one last. */
  readonly texts: string[]
  /** Its sender took it back, and perhaps nobody answers it now. */
  withdrawn: boolean
  /** The bot has said that it is stored. */
  acknowledged: boolean
}

/** What arrived in a room, by the id that the outbox gave it. */
export interface Arrival {
  readonly message: Part
  readonly times: number
}

/** The network `net` drops a message that it was given before; `post` cannot tell. */
export const idempotent: Readonly<Record<string, boolean>> = { net: true, post: false }

/** The chat networks, which outlive the program: what is not acknowledged is delivered again. */
export class Network {
  readonly said: Said[] = []
  /** What people see, in the order in which it came. */
  readonly arrivals = new Map<string, Arrival>()
  /** Told of each text that people see. */
  onArrival: (text: string) => void = () => {}
  /** What a network will never take. */
  readonly refused = new Set<string>()
  readonly #world: World
  /** On its way, neither arrived nor given up. */
  readonly #flights = new Set<Part>()
  #bot: { readonly bot: Bot; readonly life: Life } | undefined

  constructor(world: World) {
    this.#world = world
  }

  /** From now on the program is there to be told. */
  connect(bot: Bot, life: Life): void {
    this.#bot = { bot, life }
    for (const said of this.said) if (!said.acknowledged) this.#deliver(said)
  }

  /** From now on nobody is told; what is said meanwhile is delivered later. */
  disconnect(): void {
    this.#bot = undefined
  }

  /** The program is gone: what it was sending has arrived, or never will. */
  settleFlights(): void {
    for (const message of this.#flights) if (this.#world.chance.in(0.5)) this.arrive(message)
    this.#flights.clear()
  }

  say(room: Room, speaker: Speaker, text: string, kind: Kind): Said {
    const { direct, ...place } = room
    const message = {
      ...place,
      eventId: `e${this.said.length}`,
      sender: { id: speaker.id, name: speaker.name },
      text,
      direct,
      addressed: !direct,
      at: this.#world.scheduler.now(),
    }
    const said: Said = {
      message,
      role: speaker.role,
      kind,
      texts: [text],
      withdrawn: false,
      acknowledged: false,
    }
    this.said.push(said)
    this.#world.figures.messages++
    this.#world.trace(`${speaker.name} in ${sessionOf(room)}: ${text}`)
    this.#world.scheduler.after(this.#world.delay(), () => this.#deliver(said))
    if (this.#world.goesWrong('repeats', () => `${message.eventId} is delivered twice`))
      this.#world.scheduler.after(this.#world.chance.between(1, 20_000), () => this.#deliver(said))
    return said
  }

  /** Its sender changes what they have said, or takes it back. */
  change(said: Said, text: string | undefined): void {
    const { bot, life } = this.#bot ?? {}
    if (!bot || !life) return
    this.#world.trace(() => `${said.message.sender.name} changes ${said.message.eventId}: ${text}`)
    const { withdrawn } = said
    if (text === undefined) said.withdrawn = true
    else said.texts.push(text)
    const { message } = said
    const change =
      text === undefined
        ? bot.remove(message, message.eventId)
        : bot.edit(message, message.eventId, text)
    change.then(
      (changed) => {
        // A change that came too late is none; after a crash nobody knows.
        if (!changed) said.withdrawn = withdrawn
      },
      (error) => this.#failed(error, life),
    )
  }

  /** A message is on its way; the returned function says that it is no more. */
  take(message: Part): () => void {
    this.#flights.add(message)
    return () => this.#flights.delete(message)
  }

  arrive(message: Part): void {
    this.#flights.delete(message)
    const before = this.arrivals.get(message.id)
    const times = (before?.times ?? 0) + 1
    this.arrivals.set(message.id, { message: before?.message ?? message, times })
    if (times === 1) this.onArrival(message.text)
    const room = sessionOf(message)
    this.#world.trace(() => `in ${room} arrives ${message.id}: ${message.text.split('\n')[0]}`)
  }

  #deliver(said: Said): void {
    const { bot, life } = this.#bot ?? {}
    if (!bot || !life) return
    bot.receive(said.message).then(
      () => {
        if (!life.over) said.acknowledged = true
      },
      (error) => {
        if (!this.#failed(error, life)) return
        this.#world.scheduler.after(this.#world.chance.between(500, 5_000), () =>
          this.#deliver(said),
        )
      },
    )
  }

  /** False when the program is over, so that it does not matter. */
  #failed(error: Error & { code?: string }, life: Life): boolean {
    if (life.over) return false
    if (!isOfTheWorld(error)) this.#world.breaks(`the bot fails: ${error.stack}`)
    return true
  }
}
