import { sessionOf } from '../../src/bot/message.ts'
import type { Answered } from './answerer.ts'
import { idempotent, type Network, type Said } from './network.ts'
import type { World } from './world.ts'

interface InboxRow {
  readonly id: number
  readonly event_id: string
  readonly state: string
}

interface OutboxRow {
  readonly id: number
  readonly transport: string
  readonly room: string
  readonly text: string
  readonly reply_to: string | null
  readonly key: string | null
  readonly created_at: number
  readonly state: string
}

const doubt = 'doubted:'

/** Holds what was said and what was answered against each other. */
export class Conversation {
  readonly #world: World
  readonly #network: Network
  readonly #answered: readonly Answered[]
  readonly #inbox
  readonly #outbox

  constructor(world: World, network: Network, answered: readonly Answered[]) {
    const { db } = world.disk
    this.#world = world
    this.#network = network
    this.#answered = answered
    this.#inbox = db.prepare<[], InboxRow>('SELECT id, event_id, state FROM inbox ORDER BY id')
    this.#outbox = db.prepare<[], OutboxRow>('SELECT * FROM outbox ORDER BY id')
  }

  /** The text of the only reply to a message. */
  replyTo({ message }: Said): string | undefined {
    return this.#outbox.all().find(({ reply_to }) => reply_to === message.eventId)?.text
  }

  atRest(): void {
    const inbox = new Map(this.#inbox.all().map((row) => [row.event_id, row]))
    const outbox = this.#outbox.all()
    this.#expectAnswers(inbox, outbox)
    this.#expectBatches(inbox)
    this.#expectArrivals(outbox)
    this.#expectCreations(outbox)
  }

  /** Each message of whoever may speak is stored, done, and answered in exactly one way. */
  #expectAnswers(inbox: ReadonlyMap<string, InboxRow>, outbox: readonly OutboxRow[]): void {
    for (const { id, state } of inbox.values())
      if (state !== 'done') this.#world.breaks(`message ${id} is ${state}`)
    const final = outbox.filter(({ key }) => !key?.startsWith('postponed:'))
    const replies = countBy(final.flatMap(({ reply_to }) => reply_to ?? []))
    for (const said of this.#network.said) {
      const { eventId, direct, text } = said.message
      const row = inbox.get(eventId)
      const broken = (what: string) => this.#world.breaks(`${eventId} "${text}" ${what}`)
      if (!said.acknowledged) broken('was not acknowledged')
      if ((row !== undefined) !== (said.role !== undefined)) broken('was stored or not, wrongly')
      if (!row) continue
      const batches = this.#batchesOf(said)
      const count = replies.get(eventId) ?? 0
      const mayBeDropped = said.withdrawn || this.#mayBeStopped(said)
      if (count > 1) broken(`has ${count} replies`)
      const isCommand = said.kind === 'command' || said.kind === 'creation'
      if (isCommand && count === 0 && !said.withdrawn && !direct) broken('has no reply')
      if (said.kind === 'text' && batches === 0 && !mayBeDropped) broken('was never answered')
      if (said.kind === 'answer' && count + batches === 0 && !mayBeDropped && !direct)
        broken('was not answered at all')
    }
  }

  /** In each session: in order, never of two roles, and again only after a crash or where it was put off. */
  #expectBatches(inbox: ReadonlyMap<string, InboxRow>): void {
    const lastOf = new Map<string, number>()
    const earlier = new Map<string, Answered>()
    for (const answered of this.#answered) {
      const { session, interrupted, text } = answered.batch
      const said = textsOf(text).flatMap((each) => this.#saidAs(each, session) ?? [])
      if (new Set(said.map(({ role }) => role)).size > 1)
        this.#world.breaks(`roles are mixed in ${JSON.stringify(text)}`)
      for (const { message } of said) {
        const { eventId } = message
        const before = earlier.get(eventId)
        const isSame = before?.program === answered.program
        if (before && ((isSame && before.postponed === undefined) || !interrupted))
          this.#world.breaks(`${eventId} "${message.text}" is answered twice`)
        const id = inbox.get(eventId)?.id ?? 0
        if (!before && id < (lastOf.get(session) ?? 0))
          this.#world.breaks(`${eventId} "${message.text}" is answered after what came later`)
        if (!before) lastOf.set(session, id)
        earlier.set(eventId, answered)
      }
    }
  }

  /** Each message arrives once, in its room's order; where nobody knows, its room is told. */
  #expectArrivals(outbox: readonly OutboxRow[]): void {
    const { arrivals, refused } = this.#network
    const keys = new Set(outbox.map(({ key }) => key))
    for (const row of outbox) {
      const id = idOf(row)
      const times = arrivals.get(id)?.times ?? 0
      const repeats = idempotent[row.transport] === true || row.key?.startsWith(doubt) === true
      const broken = (what: string) =>
        this.#world.breaks(`${id} in ${row.room} is ${row.state}, and ${what}: ${row.text}`)
      if (times > 1 && !repeats) broken(`arrived ${times} times`)
      if (row.state === 'sent' && times === 0) broken('never arrived')
      if (row.state === 'failed' && !refused.has(id)) broken('nobody has refused it')
      if (row.state === 'unknown' && !keys.has(`${doubt}${row.id}`)) broken('its room is not told')
      if (row.state === 'unknown' && repeats) broken('could be repeated')
      if (row.state === 'waiting' || row.state === 'sending') broken('nothing is sent any more')
    }
    this.#expectOrder(outbox)
  }

  /** What is told of a message that may be lost stands where that would stand, or at the end. */
  #expectOrder(outbox: readonly OutboxRow[]): void {
    const rows = new Map(outbox.map((row) => [idOf(row), row]))
    const last = new Map<string, number>()
    for (const [id, { message }] of this.#network.arrivals) {
      const row = rows.get(id)
      const room = `${message.transport}/${message.room}`
      if (!row) this.#world.breaks(`${id} arrived, and nobody wrote it`)
      if (!row || row.key?.startsWith(doubt)) continue
      if (row.id < (last.get(room) ?? 0)) this.#world.breaks(`${id} arrived out of its order`)
      last.set(room, row.id)
    }
  }

  /** Each wish for an item was granted once at most, and each number was given once. */
  #expectCreations(outbox: readonly OutboxRow[]): void {
    const created = outbox.flatMap(({ text, key }) => {
      const [, id, name] = /^Item (\d+) is in the backlog: .*(Thing \d+)\./.exec(text) ?? []
      return key === null && id && name ? [{ id, name }] : []
    })
    for (const part of ['id', 'name'] as const)
      if (new Set(created.map((one) => one[part])).size !== created.length)
        this.#world.breaks(`something was created twice: ${JSON.stringify(created)}`)
    const numbers = created.map(({ id }) => Number(id)).sort((one, other) => one - other)
    if (numbers.some((number, index) => number !== index + 1))
      this.#world.breaks(`these numbers were given: ${numbers}`)
  }

  #batchesOf(said: Said): number {
    const session = sessionOf(said.message)
    const batches = this.#answered.filter(({ batch }) => batch.session === session)
    return batches.filter(({ batch }) =>
      textsOf(batch.text).some((text) => said.texts.includes(text)),
    ).length
  }

  /** The message that is free text of this session and, as far as that can be told, was this. */
  #saidAs(text: string, session: string): Said | undefined {
    return this.#network.said.find(
      (said) =>
        said.kind === 'text' && sessionOf(said.message) === session && said.texts.includes(text),
    )
  }

  /** Somebody has said stop there; what was waiting then is not answered. */
  #mayBeStopped({ message }: Said): boolean {
    const session = sessionOf(message)
    return this.#network.said.some(
      (other) => other.message.text === 'stop' && sessionOf(other.message) === session,
    )
  }
}

/** The texts of a batch, without the names of who said them. */
function textsOf(batch: string): string[] {
  return batch.split('\n\n').map((text) => text.replace(/^(Root|Anna|Ben|Vic): /, ''))
}

/** How the networks know it. */
function idOf({ created_at, id }: OutboxRow): string {
  return `${created_at.toString(36)}-${id}`
}

function countBy(values: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return counts
}
