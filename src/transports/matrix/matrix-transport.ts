import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { LogLevel, LogService, MatrixError } from 'matrix-bot-sdk'
import { type Receipt, SendFailure } from '../../bot/courier.ts'
import type { IncomingFile, OutgoingMessage, Part, Place } from '../../bot/message.ts'
import { NamePrefix } from '../../bot/parser.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import { Problem } from '../../kernel/problem.ts'
import type { Store } from '../../store/store.ts'
import { AtWork } from '../at-work.ts'
import { degrade } from '../degrade.ts'
import { matrixMarkup } from '../markup/matrix.ts'
import type {
  Capabilities,
  Deleting,
  Editing,
  Fetching,
  Identity,
  Line,
  Reacting,
  Transport,
  Typing,
} from '../transport.ts'
import { ConnectionFailure } from '../transport.ts'
import { isUnanswered } from './failures.ts'
import { Hearing } from './hearing.ts'
import { type MatrixCredentials, MatrixLogin, refusal } from './login.ts'
import { HuskiesMatrixClient } from './matrix-client.ts'
import { MatrixState } from './matrix-state.ts'
import { RoomKeys } from './room-keys.ts'
import { Rooms } from './rooms.ts'
import { Speaking } from './speaking.ts'
import { longPollMs, Sync } from './sync.ts'

export interface MatrixParts {
  readonly credentials: MatrixCredentials
  /** Whether encrypted rooms are read. */
  readonly encryption: boolean
  /** Where the login and the keys lie. */
  readonly folder: string
  readonly store: Store
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
  readonly mayInvite: (person: string) => boolean
}

/** So long a server shows that somebody types. */
const typingMs = 30_000

/**
 * The network Matrix, over matrix-bot-sdk: rooms, threads, encrypted or not. What was said while the
 * bot was away is read when it comes back, and a message is sent once however often it is tried.
 */
export class MatrixTransport implements Transport, Editing, Typing, Reacting, Deleting, Fetching {
  readonly name = 'matrix'
  readonly longestSilenceMs = 3 * longPollMs
  readonly capabilities: Capabilities = {
    edit: 'full',
    react: 'full',
    typing: 'full',
    choices: 'full',
    threads: 'full',
    files: 'full',
    delete: 'full',
    // An event may have 64 KiB, and holds the text twice, a third longer where it is encrypted. Of a
    // table, the text without HTML may have twice as many bytes as characters.
    longestText: 15_000,
    idempotentSend: true,
    // Each server has its own, and says so when they are reached.
    rates: () => [],
    overallRates: [],
  }
  readonly #parts: MatrixParts
  readonly #state: MatrixState
  readonly #login: MatrixLogin
  readonly #installation: string
  readonly #atWork: AtWork
  #client: HuskiesMatrixClient | undefined
  #speaking: Speaking | undefined

  constructor(parts: MatrixParts) {
    this.#parts = parts
    this.#state = new MatrixState(parts.store)
    this.#login = new MatrixLogin(parts.credentials, parts.folder, parts.clock)
    this.#installation = installationOf(this.#state)
    this.#atWork = new AtWork(parts.clock, typingMs - typingMs / 5)
    // What is wrong is thrown, and logged by us.
    LogService.setLevel(LogLevel.ERROR)
    LogService.setLogger(quietly(parts.log))
  }

  identity(): Identity | undefined {
    const user = this.#client?.session.user
    return user === undefined ? undefined : { id: `matrix:${user}`, name: localpart(user) }
  }

  async connect(line: Line): Promise<void> {
    try {
      const client = await this.#open(line.signal)
      const { clock, log, mayInvite } = this.#parts
      const rooms = new Rooms(client, await client.getJoinedRooms())
      const shared = { client, state: this.#state, clock, installation: this.#installation }
      const { listener } = line
      const name = new NamePrefix(await namesOf(client))
      const hearing = new Hearing({ ...shared, rooms, listener, log, mayInvite, name })
      this.#speaking = new Speaking({ ...shared, random: this.#parts.random })
      await new Sync(client, this.#state, rooms, hearing).run(line)
    } catch (error) {
      if (!line.signal.aborted) throw this.#failure(error)
    } finally {
      this.#speaking = undefined
      this.#atWork.hideAll()
    }
  }

  parts(message: OutgoingMessage): readonly Part[] {
    return degrade(message, this.capabilities, matrixMarkup)
  }

  async send(part: Part, signal: AbortSignal): Promise<Receipt> {
    return this.#connected().send(part, signal)
  }

  async edit(messageId: string, part: Part, signal: AbortSignal): Promise<Receipt> {
    return this.#connected().edit(messageId, part, signal)
  }

  async react(place: Place, eventId: string, emoji: string): Promise<void> {
    return this.#connected().react(place, eventId, emoji)
  }

  async delete(place: Place, messageId: string): Promise<void> {
    return this.#connected().delete(place, messageId)
  }

  async fetch({ ref }: IncomingFile): Promise<Uint8Array> {
    if (!this.#client) throw new Problem('no-file', 'Matrix is not connected')
    try {
      return await this.#client.download(ref)
    } catch (error) {
      if (!(error instanceof MatrixError)) throw error
      throw new Problem('no-file', `the server does not give it ("${error.error}")`)
    }
  }

  async typing(place: Place, on: boolean): Promise<void> {
    const show = async (shown: boolean) => this.#client?.setTyping(place.room, shown, typingMs)
    if (on) await this.#atWork.show(place, () => show(true))
    else if (this.#atWork.hide(place)) await show(false)
  }

  async #open(signal: AbortSignal): Promise<HuskiesMatrixClient> {
    const { encryption, folder } = this.#parts
    const session = await this.#login.session()
    // The keys are those of one device.
    const keys = encryption
      ? new RoomKeys(join(folder, `keys-${encodeURIComponent(session.device)}`), this.#state)
      : undefined
    if (keys) await keys.setDeviceId(session.device)
    const client = new HuskiesMatrixClient(session, keys)
    client.endWith(signal)
    await client.getWhoAmI()
    await client.crypto?.prepare(await client.getJoinedRooms())
    this.#client = client
    return client
  }

  #connected(): Speaking {
    if (this.#speaking) return this.#speaking
    throw new SendFailure('transient', 'Matrix is not connected.')
  }

  #failure(error: unknown): unknown {
    const { homeserver } = this.#parts.credentials
    if (error instanceof MatrixError) {
      if (error.errcode === 'M_UNKNOWN_TOKEN') this.#login.forget()
      return refusal(error, homeserver, this.#parts.clock)
    }
    if (!isUnanswered(error)) return error
    return new ConnectionFailure('lost', `${homeserver} cannot be reached.`)
  }
}

async function namesOf(client: HuskiesMatrixClient): Promise<readonly string[]> {
  const { user } = client.session
  const profile = await client.getUserProfile(user).catch(() => undefined)
  return [profile?.displayname ?? '', user, localpart(user)]
}

function localpart(user: string): string {
  return user.replace(/^@([^:]*):.*$/, '$1')
}

/** Made once, and kept for as long as the database. */
function installationOf(state: MatrixState): string {
  const kept = state.read('installation') ?? randomBytes(8).toString('hex')
  state.write('installation', kept)
  return kept
}

function quietly(log: Log) {
  const tell = (module: string, ...said: unknown[]) => log.debug({ module, said }, 'matrix-bot-sdk')
  return { trace: tell, debug: tell, info: tell, warn: tell, error: tell }
}
