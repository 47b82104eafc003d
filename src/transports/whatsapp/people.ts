import type { Client } from 'whatsapp-web.js'
import type { Person } from '../../bot/message.ts'
import type { WhatsAppState } from './whatsapp-state.ts'

/** What people are told apart with. */
export interface PeopleParts {
  readonly client: Pick<Client, 'getContactLidAndPhone'>
  readonly state: WhatsAppState
  /** Whether the bot serves whoever has this id. */
  readonly serves: (person: string) => boolean
}

/**
 * Who the people are. WhatsApp names somebody now by their phone number, now by an id that hides it;
 * whichever of both the bot knows them by is their id here, and else the number.
 */
export class People {
  readonly #parts: PeopleParts
  /** Those of whom WhatsApp did not tell the other name; they are asked for once in a connection. */
  readonly #asked = new Set<string>()

  constructor(parts: PeopleParts) {
    this.#parts = parts
  }

  /** The person of a WhatsApp id, who calls themselves `name`. */
  async person(whatsappId: string, name: string | undefined): Promise<Person> {
    const aliases = await this.#aliases(userOf(whatsappId))
    const ids = aliases.map(personId)
    const id = ids.find((one) => this.#parts.serves(one)) ?? ids[0] ?? personId(whatsappId)
    return { id, name: name || (isLid(whatsappId) ? id : `+${personId(whatsappId).slice(9)}`) }
  }

  /** All that WhatsApp calls somebody, the phone number first. */
  async #aliases(user: string): Promise<readonly string[]> {
    const { state } = this.#parts
    const known = isLid(user) ? state.phoneOf(user) : state.lidOf(user)
    if (known === undefined && !this.#asked.has(user)) {
      this.#asked.add(user)
      await this.#ask(user)
    }
    const other = isLid(user) ? state.phoneOf(user) : state.lidOf(user)
    if (other === undefined) return [user]
    return isLid(user) ? [other, user] : [user, other]
  }

  /** Without an answer they are known by the one name only. */
  async #ask(user: string): Promise<void> {
    const { client, state } = this.#parts
    const [found] = await client.getContactLidAndPhone([user]).catch(() => [])
    if (found?.lid && found.pn) state.isSame(userOf(found.lid), userOf(found.pn))
  }
}

/** An id without the number of the device. */
export function userOf(whatsappId: string): string {
  return whatsappId.replace(/:\d+@/, '@')
}

/** `whatsapp:4915112345678` for a phone number, `whatsapp:123456@lid` for the other kind. */
export function personId(whatsappId: string): string {
  return `whatsapp:${userOf(whatsappId).replace(/@c\.us$/, '')}`
}

function isLid(user: string): boolean {
  return user.endsWith('@lid')
}
