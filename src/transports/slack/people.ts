import type { WebClient } from '@slack/web-api'
import type { Person } from '../../bot/message.ts'

/** The workspace that the bot belongs to, and the organisation of that, where there is one. */
export interface Home {
  readonly team: string
  readonly enterprise: string | undefined
}

/** Who the people are; asked for when it is needed, then kept for as long as the connection. */
export class People {
  readonly #api: WebClient
  readonly #home: Home
  readonly #known = new Map<string, Promise<Person>>()

  constructor(api: WebClient, home: Home) {
    this.#api = api
    this.#home = home
  }

  /**
   * Ids of users are unique in one organisation only: people of another one, who are met in shared
   * channels, have that of their workspace before their own. Without a name where Slack does not tell.
   */
  person(user: string): Promise<Person> {
    const known = this.#known.get(user)
    if (known) return known
    const asked = this.#ask(user).catch(() => {
      this.#known.delete(user)
      return { id: `slack:${user}`, name: user }
    })
    this.#known.set(user, asked)
    return asked
  }

  /** How the user is called; their id where Slack does not tell. */
  async nameOf(user: string): Promise<string> {
    return (await this.person(user)).name
  }

  async #ask(user: string): Promise<Person> {
    const { user: found } = await this.#api.users.info({ user })
    const { display_name: shown, real_name: real } = found?.profile ?? {}
    const team = found?.team_id ?? this.#home.team
    const isOurs = team === this.#home.team || this.#isOfOrganisation(found?.enterprise_user)
    return {
      id: isOurs ? `slack:${user}` : `slack:${team}/${user}`,
      name: shown || real || found?.name || user,
    }
  }

  #isOfOrganisation(account: { readonly enterprise_id?: string } | undefined): boolean {
    return account?.enterprise_id !== undefined && account.enterprise_id === this.#home.enterprise
  }
}
