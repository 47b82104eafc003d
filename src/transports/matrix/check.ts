import { join } from 'node:path'
import { systemClock } from '../../kernel/clock.ts'
import { Problem } from '../../kernel/problem.ts'
import { ConnectionFailure } from '../transport.ts'
import { matrixCredentials } from './credentials.ts'
import { MatrixLogin } from './login.ts'
import type { MatrixSettings } from './settings.ts'

/**
 * Logs in, and returns the account's id. A login by password is kept for the bot, so that it is one
 * device. Throws `Problem` where the credentials are missing, or not accepted.
 */
export async function checkMatrix(
  settings: MatrixSettings,
  world: {
    readonly folder: string
    readonly state: string
    readonly env: NodeJS.ProcessEnv
  },
): Promise<string> {
  const credentials = matrixCredentials(settings, world)
  const login = new MatrixLogin(credentials, join(world.state, 'matrix'), systemClock)
  try {
    return (await login.session()).user
  } catch (error) {
    if (error instanceof ConnectionFailure)
      throw new Problem(
        error.kind === 'refused' ? 'refused-credentials' : 'no-connection',
        error.message,
      )
    throw new Problem('no-connection', `${settings.homeserver} cannot be reached.`, {
      cause: error,
    })
  }
}
