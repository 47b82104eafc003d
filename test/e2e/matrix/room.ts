import type { Place } from '../../../src/bot/message.ts'
import type { MatrixUser, Synapse } from '../../support/synapse/synapse.ts'

/** An event as a person's program gets it. */
export interface SeenEvent {
  readonly event_id: string
  readonly type: string
  readonly sender: string
  readonly content: Record<string, unknown> & { readonly body?: string; readonly msgtype?: string }
}

/** A room on the server, as one person in it sees it. */
export class PersonsRoom {
  readonly id: string
  readonly place: Place
  readonly #server: Synapse
  readonly #person: MatrixUser
  #count = 0

  private constructor(server: Synapse, person: MatrixUser, id: string) {
    this.#server = server
    this.#person = person
    this.id = id
    this.place = { transport: 'matrix', room: id }
  }

  /** Makes a room and invites `guests`. */
  static async make(
    server: Synapse,
    person: MatrixUser,
    guests: readonly string[],
    options: object = { is_direct: true },
  ): Promise<PersonsRoom> {
    const body = { preset: 'trusted_private_chat', invite: guests, ...options }
    const path = '/_matrix/client/v3/createRoom'
    const made = await server.request<{ room_id: string }>('POST', path, body, person.token)
    return new PersonsRoom(server, person, made.room_id)
  }

  /** Says something, and returns the event's id. */
  async says(text: string, further: object = {}): Promise<string> {
    return this.puts('m.room.message', { msgtype: 'm.text', body: text, ...further })
  }

  async puts(type: string, content: object): Promise<string> {
    this.#count += 1
    const path = `${this.#path}/send/${type}/${this.#person.id}-${this.#count}`
    const { event_id } = await this.#request<{ event_id: string }>('PUT', path, content)
    return event_id
  }

  async removes(eventId: string): Promise<void> {
    await this.#request('PUT', `${this.#path}/redact/${eventId}/${eventId}`, {})
  }

  async invites(user: string): Promise<void> {
    await this.#request('POST', `${this.#path}/invite`, { user_id: user })
  }

  /** Everything that was said and done there, oldest first. */
  async events(): Promise<readonly SeenEvent[]> {
    const events: SeenEvent[] = []
    for (let from: string | undefined = ''; from !== undefined; ) {
      const query: string = `dir=b&limit=500${from === '' ? '' : `&from=${from}`}`
      const page: { chunk: SeenEvent[]; end?: string } = await this.#request(
        'GET',
        `${this.#path}/messages?${query}`,
      )
      events.push(...page.chunk)
      from = page.chunk.length > 0 ? page.end : undefined
    }
    return events.reverse()
  }

  /** What others have said, as text. */
  async heard(): Promise<readonly string[]> {
    const events = await this.events()
    const said = events.filter(
      ({ type, sender }) => type === 'm.room.message' && sender !== this.#person.id,
    )
    return said.map(({ content }) => content.body ?? '')
  }

  async members(): Promise<readonly string[]> {
    const { joined } = await this.#request<{ joined: object }>(
      'GET',
      `${this.#path}/joined_members`,
    )
    return Object.keys(joined)
  }

  get #path(): string {
    return `/_matrix/client/v3/rooms/${encodeURIComponent(this.id)}`
  }

  #request<Answer>(method: string, path: string, body?: object): Promise<Answer> {
    return this.#server.request<Answer>(method, path, body, this.#person.token)
  }
}
