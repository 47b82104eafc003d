import type { AccountSettings } from '../../pipeline/settings.ts'

/** That of the `shell` runtime, whose programs need none. */
export const noAccount = 'shell'

/** What an account is stored under. The machine's own login is named by its runtime alone. */
export function keyOf({ runtime, name }: AccountSettings): string {
  return `${runtime}/${name}`
}

/** The account as people say it: `the account work of codex`, `the login of codex`. */
export function describeAccount(key: string): string {
  const [runtime, name] = key.split('/')
  return name === undefined ? `the login of ${runtime}` : `the account ${name} of ${runtime}`
}
