/** In whose name commits are made. */
export interface GitIdentity {
  readonly name: string
  readonly email: string
}

const inherited = ['PATH', 'HOME', 'LANG', 'TZ'] as const

/**
 * What an agent gets of this program's own environment: as little as programs need to work at all,
 * and no secret.
 */
export function agentEnvironment(
  machine: Readonly<Record<string, string | undefined>>,
  identity: GitIdentity | undefined,
): Readonly<Record<string, string>> {
  const env: Record<string, string> = { TERM: 'dumb' }
  for (const name of inherited) {
    const value = machine[name]
    if (value !== undefined) env[name] = value
  }
  if (!identity) return env
  return {
    ...env,
    GIT_AUTHOR_NAME: identity.name,
    GIT_AUTHOR_EMAIL: identity.email,
    GIT_COMMITTER_NAME: identity.name,
    GIT_COMMITTER_EMAIL: identity.email,
  }
}
