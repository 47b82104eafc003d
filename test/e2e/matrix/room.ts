import type { Place } from '../../../src/bot/message.ts'
import type { MatrixUser, Synapse } from '../../support/synapse/synapse.ts'

/** An event as a person's program gets it. */
export interface SeenEvent {
  readonly event_id: string
  readonly type: string
  readonly sender: string
  readonly content: Record<string, unknown> & { readonly body?: string; readonly msgtype?: string }
}

interface Relation {
  readonly rel_type?: string
  readonly event_id?: string
  readonly key?: string
}

interface TypingAnswer {
  readonly rooms?: {
    readonly join?: Readonly<
      Record<
        string,
        {
          readonly ephemeral?: {
            readonly events?: readonly {
              readonly type: string
              readonly content: { readonly user_ids?: readonly string[] }
            }[]
          }
        }
      >
    >
  }
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

  /** Changes what was said. */
  async edits(eventId: string, text: string): Promise<void> {
    await this.says(`* ${text}`, {
      'm.new_content': { msgtype: 'm.text', body: text },
      'm.relates_to': { rel_type: 'm.replace', event_id: eventId },
    })
  }

  async reacts(event_id: string, key: string): Promise<void> {
    const relation = { rel_type: 'm.annotation', event_id, key }
    await this.puts('m.reaction', { 'm.relates_to': relation })
  }

  /** The same room, as somebody else in it sees it. */
  as(person: MatrixUser): PersonsRoom {
    return new PersonsRoom(this.#server, person, this.id)
  }

  /** Another room that the same person is in. */
  of(room: string): PersonsRoom {
    return new PersonsRoom(this.#server, this.#person, room)
  }

  async joinedBy({ token }: MatrixUser): Promise<void> {
    const path = `/_matrix/client/v3/join/${encodeURIComponent(this.id)}`
    await this.#server.request('POST', path, {}, token)
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

  /** The messages as a program shows them: the newest text of each, without those taken back. */
  async shown(): Promise<readonly SeenEvent[]> {
    const messages = (await this.events()).filter(({ type }) => type === 'm.room.message')
    const newest = new Map<string, SeenEvent>()
    for (const event of messages) {
      const relation = event.content['m.relates_to'] as Relation | undefined
      const replaced = relation?.rel_type === 'm.replace' ? relation.event_id : undefined
      const content = event.content['m.new_content'] as SeenEvent['content'] | undefined
      if (replaced === undefined) newest.set(event.event_id, event)
      else if (content) newest.set(replaced, { ...event, event_id: replaced, content })
    }
    return [...newest.values()].filter(({ content }) => content.body !== undefined)
  }

  /** What a message says, that of its file included. */
  async readable({ body, url }: SeenEvent['content']): Promise<string> {
    if (typeof url !== 'string') return body ?? ''
    const path = `/_matrix/client/v1/media/download/${url.slice('mxc://'.length)}`
    return this.#server.download(path, this.#person.token)
  }

  /** The emoji that this user shows at a message. */
  async reactionsTo(eventId: string, user: string): Promise<readonly string[]> {
    const reactions = (await this.events()).filter(
      ({ type, sender }) => type === 'm.reaction' && sender === user,
    )
    const relations = reactions.map(({ content }) => content['m.relates_to'] as Relation)
    return relations.flatMap(({ event_id, key }) => (event_id === eventId && key ? [key] : []))
  }

  /** Whether the server tells now that this user types there. */
  async isTyping(user: string): Promise<boolean> {
    const filter = { room: { rooms: [this.id], timeline: { limit: 1 } }, presence: { types: [] } }
    const path = `/_matrix/client/v3/sync?filter=${encodeURIComponent(JSON.stringify(filter))}`
    const answer = await this.#request<TypingAnswer>('GET', path)
    const events = answer.rooms?.join?.[this.id]?.ephemeral?.events ?? []
    return events.some(
      ({ type, content }) => type === 'm.typing' && content.user_ids?.includes(user),
    )
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
