import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'

interface Envelope {
  readonly envelope_id: string
  readonly type: string
  readonly payload: object
  retry_attempt: number
  /** The connection that it went through last. */
  through?: WebSocket | undefined
  readonly acknowledged: (response: unknown) => void
}

/**
 * Slack's side of Socket Mode: each event goes through one of the app's connections, and again through
 * another one where that has closed before the event was acknowledged.
 */
export class SocketMode {
  readonly #server = new WebSocketServer({ noServer: true })
  readonly #open: WebSocket[] = []
  readonly #unacknowledged = new Map<string, Envelope>()
  /** Connections of other programs, which take their part of the events. */
  #others = 0
  /** Connections that are half closed: they look open, and nothing goes through them. */
  readonly #silent = new Set<WebSocket>()
  /** What is kept back, to come out of its order. */
  #held: Envelope[] | undefined
  #turn = 0
  #ids = 0
  #last: Envelope | undefined

  /** How many connections there ever were. */
  welcomed = 0

  /** How many connections of this program there are. */
  get connections(): number {
    return this.#open.length
  }

  /** Events that were not acknowledged. */
  get pending(): number {
    return this.#unacknowledged.size
  }

  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#server.handleUpgrade(request, socket, head, (connection) => this.#welcome(connection))
  }

  /** Sends what has happened; resolves with what the program answers. */
  send(type: string, payload: object): Promise<unknown> {
    const { promise, resolve } = Promise.withResolvers<unknown>()
    const envelope: Envelope = {
      ...{ envelope_id: `envelope-${++this.#ids}`, type, payload },
      ...{ retry_attempt: 0, acknowledged: resolve },
    }
    this.#last = envelope
    this.#unacknowledged.set(envelope.envelope_id, envelope)
    this.#deliver(envelope)
    return promise
  }

  /** What was delivered last is delivered again, although it was acknowledged. */
  redeliver(): void {
    if (this.#last) this.#deliver({ ...this.#last, retry_attempt: 1 })
  }

  /** Slack asks for another connection in the place of the oldest one. */
  refresh(reason = 'refresh_requested'): void {
    this.#open[0]?.send(JSON.stringify({ type: 'disconnect', reason }))
  }

  /** Another program listens for the app too. */
  addOther(): void {
    this.#others += 1
  }

  /** What was not acknowledged is forgotten, as Slack does after a few attempts. */
  forget(): void {
    this.#unacknowledged.clear()
  }

  /** From now on the oldest connection looks open, and nothing goes through it any more. */
  halfClose(): void {
    const [oldest] = this.#open
    if (!oldest) throw new Error('There is no connection.')
    oldest.pause()
    this.#silent.add(oldest)
  }

  /** What happens from now on is kept back. */
  hold(): void {
    this.#held = []
  }

  /** What was kept back is sent, the newest first. */
  reorder(): void {
    const held = this.#held ?? []
    this.#held = undefined
    for (const envelope of held.reverse()) this.#deliver(envelope)
  }

  /** Every connection breaks. */
  cut(): void {
    for (const connection of this.#open.splice(0)) connection.terminate()
  }

  #welcome(connection: WebSocket): void {
    // By the time that it is replaced, Slack has given up what is half closed too.
    for (const silent of this.#silent) silent.terminate()
    this.#open.push(connection)
    this.welcomed += 1
    connection.on('close', () => this.#left(connection))
    connection.on('message', (data) => this.#heard(JSON.parse(String(data))))
    connection.send(
      JSON.stringify({
        ...{ type: 'hello', num_connections: this.#open.length + this.#others },
        connection_info: { app_id: 'A1' },
      }),
    )
    this.#deliverAgain(undefined)
  }

  #left(connection: WebSocket): void {
    this.#silent.delete(connection)
    const index = this.#open.indexOf(connection)
    if (index !== -1) this.#open.splice(index, 1)
    this.#deliverAgain(connection)
  }

  #deliverAgain(through: WebSocket | undefined): void {
    for (const envelope of this.#unacknowledged.values()) {
      if (envelope.through !== through) continue
      envelope.retry_attempt += 1
      this.#deliver(envelope)
    }
  }

  #heard({ envelope_id: id, payload }: { envelope_id: string; payload: unknown }): void {
    this.#unacknowledged.get(id)?.acknowledged(payload)
    this.#unacknowledged.delete(id)
  }

  #deliver(envelope: Envelope): void {
    if (this.#held) {
      this.#held.push(envelope)
      return
    }
    const connection = this.#open[this.#turn++ % Math.max(1, this.#open.length)]
    const { acknowledged: _, through: _before, ...content } = envelope
    envelope.through = connection
    if (connection && !this.#silent.has(connection))
      connection.send(JSON.stringify({ ...content, accepts_response_payload: true }))
  }
}
