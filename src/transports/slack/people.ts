import type { WebClient } from '@slack/web-api'
import type { Person } from '../../bot/message.ts'

/** Who the people are; asked for when it is needed, then kept for as long as the connection. */
export class People {
  readonly #api: WebClient
  readonly #names = new Map<string, Promise<string>>()

  constructor(api: WebClient) {
    this.#api = api
  }

  async person(user: string): Promise<Person> {
    return { id: `slack:${user}`, name: await this.nameOf(user) }
  }

  /** How the user is called; their id where Slack does not tell. */
  nameOf(user: string): Promise<string> {
    const known = this.#names.get(user)
    if (known) return known
    const name = this.#ask(user).catch(() => {
      this.#names.delete(user)
      return user
    })
    this.#names.set(user, name)
    return name
  }

  async #ask(user: string): Promise<string> {
    const { user: found } = await this.#api.users.info({ user })
    const profile = found?.profile
    return profile?.display_name || profile?.real_name || found?.name || user
  }
}
