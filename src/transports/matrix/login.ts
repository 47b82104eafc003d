import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { MatrixError } from 'matrix-bot-sdk'
import { z } from 'zod'
import type { Clock } from '../../kernel/clock.ts'
import { ConnectionFailure } from '../transport.ts'
import { HuskiesMatrixClient, type MatrixSession, noMatrix } from './matrix-client.ts'

/** How the bot logs in: with a token that it was given, or with a password once. */
export interface MatrixCredentials {
  readonly homeserver: string
  readonly token?: string
  readonly user?: string
  readonly password?: string
}

const keptSession = z.object({
  homeserver: z.string(),
  user: z.string(),
  device: z.string(),
  token: z.string(),
  /** The name that it was made with. */
  asked: z.string().optional(),
})

const identity = z.object({ user_id: z.string(), device_id: z.string().default('unknown') })
const login = identity.extend({ access_token: z.string() })

/**
 * The login of the bot. One by password is kept in `folder`, for its owner's eyes alone, so that the
 * bot stays the same device: other people's programs send it the keys of encrypted rooms.
 */
export class MatrixLogin {
  readonly #credentials: MatrixCredentials
  readonly #file: string
  readonly #clock: Clock

  constructor(credentials: MatrixCredentials, folder: string, clock: Clock) {
    this.#credentials = credentials
    this.#clock = clock
    this.#file = join(folder, 'session.json')
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  }

  /** Throws `ConnectionFailure`. */
  async session(): Promise<MatrixSession> {
    const { homeserver, token, user, password } = this.#credentials
    try {
      if (token !== undefined) return await sessionOf(homeserver, token)
      const kept = this.#kept()
      if (kept) return kept
      if (user === undefined || password === undefined) throw nothingGiven()
      return await this.#logIn(user, password)
    } catch (error) {
      if (!(error instanceof MatrixError)) throw error
      throw error.errcode === 'M_FORBIDDEN'
        ? notAccepted(error, homeserver)
        : refusal(error, homeserver, this.#clock)
    }
  }

  /** The server does not know the login any more: the next one is by password again. */
  forget(): void {
    rmSync(this.#file, { force: true })
  }

  /** Undefined where there is none, or it is another account's. */
  #kept(): MatrixSession | undefined {
    const { homeserver, user } = this.#credentials
    if (!existsSync(this.#file)) return undefined
    const { data: kept } = keptSession.safeParse(jsonOf(readFileSync(this.#file, 'utf8')))
    const isOurs = kept?.homeserver === homeserver && (kept.asked ?? user) === user
    return isOurs ? kept : undefined
  }

  async #logIn(user: string, password: string): Promise<MatrixSession> {
    const { homeserver } = this.#credentials
    const answer = await nobody(homeserver).doRequest('POST', '/_matrix/client/v3/login', null, {
      type: 'm.login.password',
      identifier: { type: 'm.id.user', user },
      password,
      initial_device_display_name: 'Huskies',
    })
    const { user_id, device_id, access_token } = read(login, answer)
    const session = { homeserver, user: user_id, device: device_id, token: access_token }
    writeFileSync(this.#file, JSON.stringify({ ...session, asked: user }), { mode: 0o600 })
    return session
  }
}

async function sessionOf(homeserver: string, token: string): Promise<MatrixSession> {
  const { user_id, device_id } = read(identity, await nobody(homeserver, token).getWhoAmI())
  return { homeserver, user: user_id, device: device_id, token }
}

/** A client of whom nothing is known yet but perhaps a token. */
function nobody(homeserver: string, token = ''): HuskiesMatrixClient {
  return new HuskiesMatrixClient({ homeserver, token, user: '', device: '' }, undefined)
}

/** Throws `MatrixError` where no Matrix server answers so. */
function read<Schema extends z.ZodType>(schema: Schema, answer: unknown): z.output<Schema> {
  const { success, data } = schema.safeParse(answer)
  if (success) return data
  throw noMatrix(JSON.stringify(answer))
}

/** Undefined where it was cut off. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function nothingGiven(): ConnectionFailure {
  return new ConnectionFailure(
    'refused',
    'Matrix needs a token, or a user and a password: "huskies init" asks for them.',
  )
}

/** What a server's error means for a connection. */
export function refusal(error: MatrixError, homeserver: string, clock: Clock): ConnectionFailure {
  const { errcode, statusCode, retryAfterMs } = error
  if (errcode === 'M_LIMIT_EXCEEDED' || statusCode === 429)
    return new ConnectionFailure('lost', 'The server asks to wait.', {
      until: clock.now() + (retryAfterMs ?? 5000),
    })
  if (statusCode === 401 || errcode === 'M_USER_DEACTIVATED') return notAccepted(error, homeserver)
  if (errcode === 'M_NOT_MATRIX' || errcode === 'M_UNRECOGNIZED')
    return new ConnectionFailure(
      'lost',
      `There is no Matrix server at ${homeserver}: Element shows the address of yours under Settings, Help & About.`,
    )
  return new ConnectionFailure('lost', `${homeserver} answers ${statusCode}: ${error.error}.`)
}

function notAccepted({ error }: MatrixError, homeserver: string): ConnectionFailure {
  return new ConnectionFailure(
    'refused',
    `${homeserver} does not accept the bot's login (${error}): give it a new token or password in bot.toml.`,
  )
}
