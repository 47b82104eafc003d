import type { Receipt } from '../../bot/courier.ts'
import {
  type IncomingFile,
  type OutgoingMessage,
  type Part,
  type Place,
  sessionOf,
} from '../../bot/message.ts'
import { type Clock, pause } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import { Problem } from '../../kernel/problem.ts'
import type { Store } from '../../store/store.ts'
import { degrade } from '../degrade.ts'
import { whatsappMarkup } from '../markup/whatsapp.ts'
import {
  type Capabilities,
  ConnectionFailure,
  type Deleting,
  type Editing,
  type Fetching,
  type Identity,
  type Line,
  type Reacting,
  type Transport,
  type Typing,
} from '../transport.ts'
import { asFailure } from './failures.ts'
import { Hearing } from './hearing.ts'
import { memoryOf } from './memory.ts'
import { Offers } from './offers.ts'
import { People, personId } from './people.ts'
import { Profile } from './profile.ts'
import { Reading } from './reading.ts'
import { Session } from './session.ts'
import type { WhatsAppSettings } from './settings.ts'
import { Speaking } from './speaking.ts'
import { WhatsAppState } from './whatsapp-state.ts'

/** What the WhatsApp transport is made from. */
export interface WhatsAppOptions {
  readonly settings: WhatsAppSettings
  readonly env: NodeJS.ProcessEnv
  /** Where the login lies. */
  readonly state: string
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
  /** Whether the bot serves the person. */
  readonly serves: (person: string) => boolean
}

const lookMs = 30_000
/** The end of a page or a browser is told within that. */
const reasonMs = 1000

/** The network WhatsApp, over WhatsApp Web in a browser: chats with one person, and groups. */
export class WhatsAppTransport implements Transport, Editing, Typing, Reacting, Deleting, Fetching {
  readonly name = 'whatsapp'
  readonly longestSilenceMs: number = 5 * lookMs
  readonly capabilities: Capabilities = {
    edit: 'full',
    react: 'full',
    typing: 'full',
    choices: 'partial',
    threads: 'none',
    files: 'full',
    delete: 'full',
    // It takes more, and shows the beginning only until somebody asks for the rest.
    longestText: 12_000,
    idempotentSend: false,
    // WhatsApp names no limits, and blocks accounts that write like a machine.
    rates: () => [{ messages: 1, withinMs: 1000 }],
    overallRates: [{ messages: 30, withinMs: 60_000 }],
  }
  readonly #options: WhatsAppOptions
  readonly #state: WhatsAppState
  readonly #offers: Offers
  readonly #profile: Profile
  readonly #speaking: Speaking
  readonly #typing = new Map<string, AbortController>()
  #session: Session | undefined

  constructor(options: WhatsAppOptions) {
    const { clock, store, state } = options
    this.#options = options
    this.#state = new WhatsAppState(store)
    this.#profile = new Profile(state, clock)
    this.#offers = new Offers(store)
    this.#speaking = new Speaking({ clock, offers: this.#offers, session: () => this.#session })
  }

  identity(): Identity | undefined {
    const { account } = this.#profile
    return account && { id: personId(account.id), name: account.name }
  }

  async connect(line: Line): Promise<void> {
    const failed = Promise.withResolvers<never>()
    failed.promise.catch(() => {})
    const hearing = new Hearing({
      ...this.#options,
      listener: line.listener,
      state: this.#state,
      offers: this.#offers,
      failed: failed.reject,
    })
    const session = await this.#open(line, hearing)
    if (!session) return
    const ending = new AbortController()
    const signal = AbortSignal.any([line.signal, ending.signal])
    try {
      await Promise.race([
        this.#serve(session, line, hearing, signal),
        session.lost,
        failed.promise,
      ])
    } catch (error) {
      throw await whyLost(session, this.#options.clock, error)
    } finally {
      ending.abort()
      this.#session = undefined
      for (const shown of this.#typing.values()) shown.abort()
      await session.close()
    }
  }

  parts(message: OutgoingMessage): readonly Part[] {
    return degrade(message, this.capabilities, whatsappMarkup)
  }

  send(part: Part, signal: AbortSignal): Promise<Receipt> {
    return this.#speaking.send(part, signal)
  }

  edit(messageId: string, part: Part, signal: AbortSignal): Promise<Receipt> {
    return this.#speaking.edit(messageId, part, signal)
  }

  react(_place: Place, eventId: string, emoji: string): Promise<void> {
    return this.#speaking.react(eventId, emoji)
  }

  delete(_place: Place, messageId: string): Promise<void> {
    return this.#speaking.delete(messageId)
  }

  async fetch({ ref }: IncomingFile, signal: AbortSignal): Promise<Uint8Array> {
    const session = this.#session
    if (!session) throw new Problem('no-file', 'WhatsApp is not connected')
    const late = new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    })
    try {
      return await Promise.race([contentOf(session.client, ref), session.lost, late])
    } catch (error) {
      if (error instanceof Problem) throw error
      throw new Problem('no-file', 'WhatsApp does not give it now', { cause: error })
    }
  }

  async typing(place: Place, on: boolean): Promise<void> {
    const key = sessionOf(place)
    this.#typing.get(key)?.abort()
    this.#typing.delete(key)
    if (!on) return
    const shown = new AbortController()
    this.#typing.set(key, shown)
    await this.#speaking.showTyping(place, shown.signal)
  }

  /** Undefined where the line has ended meanwhile. */
  async #open(line: Line, hearing: Hearing): Promise<Session | undefined> {
    const follow = (client: Session['client']) => hearing.follow(client)
    try {
      return await Session.open({ ...this.#options, profile: this.#profile, follow }, line.signal)
    } catch (error) {
      if (line.signal.aborted) return undefined
      throw asFailure(error)
    }
  }

  /** Hears and speaks until the line ends. */
  async #serve(session: Session, line: Line, hearing: Hearing, signal: AbortSignal): Promise<void> {
    const { serves } = this.#options
    const { client, account } = session
    this.#profile.keep(account)
    line.reached('catching-up')
    this.#session = session
    const people = new People({ client, state: this.#state, serves })
    const begun = hearing.begin(client, new Reading(account, people)).then(() => {
      line.reached('connected')
    })
    await Promise.all([begun, this.#watch(session, line, hearing, signal)])
  }

  /** Looks now and then whether all is well. */
  async #watch(session: Session, line: Line, hearing: Hearing, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options
    while (!signal.aborted) {
      if ((await session.client.getState()) === 'CONNECTED') {
        line.alive()
        hearing.lives()
      }
      await this.#weigh(session)
      await pause(clock, lookMs, signal)
    }
  }

  async #weigh({ client }: Session): Promise<void> {
    const { memory_mb: limit } = this.#options.settings
    const used = client.pupBrowser && (await memoryOf(client.pupBrowser))
    const usedMb = Math.round((used ?? 0) / 2 ** 20)
    if (usedMb > limit)
      throw new ConnectionFailure(
        'lost',
        `The browser of WhatsApp Web used ${usedMb} MB, which is more than ${limit}.`,
      )
  }
}

/** What is asked of a page that is gone fails, too, often before it is known why that is gone. */
async function whyLost({ lost }: Session, clock: Clock, error: unknown): Promise<unknown> {
  const over = new AbortController()
  const late = pause(clock, reasonMs, over.signal).then(() => error)
  const why = await Promise.race([lost.catch((reason: unknown) => reason), late])
  over.abort()
  return why
}

async function contentOf(client: Session['client'], messageId: string): Promise<Uint8Array> {
  const message = await client.getMessageById(messageId)
  if (!message) throw new Problem('no-file', 'WhatsApp Web does not show its message any more')
  const media = await message.downloadMedia()
  if (!media) throw new Problem('no-file', 'WhatsApp does not give it any more')
  return Buffer.from(media.data, 'base64')
}
