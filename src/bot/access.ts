import { type Role, roles } from './command.ts'

/** Who may use the bot, by network id such as `terminal:anna`. */
export interface AccessSettings {
  readonly admins: readonly string[]
  readonly members: readonly string[]
  readonly viewers: readonly string[]
}

/** Says what somebody may do. Whoever is not listed may do nothing. */
export class Access {
  readonly #roles = new Map<string, Role>()

  constructor(settings: AccessSettings) {
    for (const id of settings.viewers) this.#roles.set(id, 'viewer')
    for (const id of settings.members) this.#roles.set(id, 'member')
    for (const id of settings.admins) this.#roles.set(id, 'admin')
  }

  /** The highest role that the person was given; undefined for a stranger. */
  roleOf(personId: string): Role | undefined {
    return this.#roles.get(personId)
  }
}

/** Whether somebody with role `held` may do what needs `needed`. */
export function allows(held: Role, needed: Role): boolean {
  return roles.indexOf(held) >= roles.indexOf(needed)
}
