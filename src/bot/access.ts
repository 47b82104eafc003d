import { type Role, roles } from './command.ts'
import type { Guests } from './guests.ts'

/** Who may use the bot, by network id such as `terminal:anna`. */
export interface AccessSettings {
  readonly admins: readonly string[]
  readonly members: readonly string[]
  readonly viewers: readonly string[]
}

/** Says what somebody may do. Whoever is neither listed nor let in may do nothing. */
export class Access {
  readonly #roles = new Map<string, Role>()
  readonly #guests: Pick<Guests, 'roleOf'> | undefined

  constructor(settings: AccessSettings, guests?: Pick<Guests, 'roleOf'>) {
    this.#guests = guests
    for (const id of settings.viewers) this.#roles.set(id, 'viewer')
    for (const id of settings.members) this.#roles.set(id, 'member')
    for (const id of settings.admins) this.#roles.set(id, 'admin')
  }

  /** The role that bot.toml gives the person, or else an admin has; undefined for a stranger. */
  roleOf(personId: string): Role | undefined {
    return this.#roles.get(personId) ?? this.#guests?.roleOf(personId)
  }
}

/** Whether somebody with role `held` may do what needs `needed`. */
export function allows(held: Role, needed: Role): boolean {
  return roles.indexOf(held) >= roles.indexOf(needed)
}
