import { readSecret } from '../secret.ts'
import type { MatrixCredentials } from './login.ts'
import type { MatrixSettings } from './settings.ts'

/** Reads what the bot logs in with. Throws `Problem` where a secret is not to be found. */
export function matrixCredentials(
  settings: MatrixSettings,
  world: { readonly folder: string; readonly env: NodeJS.ProcessEnv },
): MatrixCredentials {
  const { homeserver, user } = settings
  const { token_file, token_env, password_file, password_env } = settings
  if (token_file !== undefined || token_env !== undefined) {
    const place = { name: 'token', table: 'matrix', file: token_file, variable: token_env }
    return { homeserver, token: readSecret(place, world) }
  }
  const place = { name: 'password', table: 'matrix', file: password_file, variable: password_env }
  return { homeserver, ...(user !== undefined && { user }), password: readSecret(place, world) }
}
