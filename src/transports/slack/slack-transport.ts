import type { Receipt } from '../../bot/courier.ts'
import type { IncomingFile, OutgoingMessage, Part, Place } from '../../bot/message.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Hooks } from '../../kernel/hooks.ts'
import type { Log } from '../../kernel/log.ts'
import type { Store } from '../../store/store.ts'
import { AtWork } from '../at-work.ts'
import { degrade } from '../degrade.ts'
import { slackMarkup } from '../markup/slack.ts'
import {
  type Capabilities,
  ConnectionFailure,
  type Deleting,
  type Editing,
  type Fetching,
  type Identity,
  type Line,
  type Reacting,
  type Renaming,
  type Transport,
  type Typing,
} from '../transport.ts'
import { slackApi } from './api.ts'
import type { SlackCredentials } from './credentials.ts'
import { beCalled } from './events-api.ts'
import { connectionFailure } from './failures.ts'
import { fetchFile } from './files.ts'
import { Hearing } from './hearing.ts'
import { History } from './history.ts'
import { Interactions } from './interactions.ts'
import { Menu, type MenuCommand } from './menu.ts'
import { People } from './people.ts'
import { Reading } from './reading.ts'
import { SlackState } from './slack-state.ts'
import { type ListeningParts, listen } from './sockets.ts'
import { Speaking } from './speaking.ts'

/** What the Slack transport is made from. */
export interface SlackOptions {
  readonly credentials: SlackCredentials
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
  /** All commands: their forms, and which of them answer the asker alone. Asked for at each connection. */
  readonly commands: () => readonly MenuCommand[]
  /** Where Slack may call the program. */
  readonly hooks: Hooks
}

/** What Slack shows of a bot's work is gone after two minutes. */
const statusMs = 100_000

/** The network Slack, over Slack's own clients, in Socket Mode or called over HTTP: channels, direct chats, threads. */
export class SlackTransport
  implements Transport, Editing, Typing, Reacting, Deleting, Fetching, Renaming
{
  readonly name = 'slack'
  readonly capabilities: Capabilities = {
    edit: 'full',
    react: 'full',
    // Below threads only; elsewhere Slack has no place for it.
    typing: 'none',
    choices: 'full',
    threads: 'full',
    files: 'full',
    delete: 'full',
    // Of a message's blocks, as they are written; it takes more than that, but not reliably.
    longestText: 12_000,
    idempotentSend: true,
    rates: () => [{ messages: 1, withinMs: 1000 }],
    overallRates: [{ messages: 300, withinMs: 60_000 }],
  }
  readonly #options: SlackOptions
  readonly #state: SlackState
  readonly #speaking: Speaking
  readonly #atWork: AtWork
  #identity: Identity | undefined
  #fail: (error: unknown) => void = () => {}

  constructor(options: SlackOptions) {
    this.#options = options
    this.#state = new SlackState(options.store)
    this.#atWork = new AtWork(options.clock, statusMs)
    this.#speaking = new Speaking({
      ...options,
      state: this.#state,
      refused: ({ message }) => this.#fail(new ConnectionFailure('refused', message)),
    })
  }

  identity(): Identity | undefined {
    return this.#identity
  }

  async connect(line: Line): Promise<void> {
    const { clock } = this.#options
    const ending = new AbortController()
    const signal = AbortSignal.any([line.signal, ending.signal])
    const failed = Promise.withResolvers<never>()
    failed.promise.catch(() => {})
    this.#fail = failed.reject
    let listening = Promise.resolve()
    try {
      const hearing = await this.#hearing(line, signal)
      listening = this.#listen({
        clock,
        signal,
        opened: () => hearing.begin(),
        alive: () => line.alive(),
        take: (envelope) => hearing.take(envelope),
      })
      await Promise.race([listening, failed.promise])
    } catch (error) {
      if (!line.signal.aborted) throw connectionFailure(error, clock.now(), 'bot')
    } finally {
      ending.abort()
      this.#atWork.hideAll()
      await listening.catch(() => {})
    }
  }

  parts(message: OutgoingMessage): readonly Part[] {
    return degrade(message, this.capabilities, slackMarkup)
  }

  send(part: Part, signal: AbortSignal): Promise<Receipt> {
    return this.#speaking.send(this.#now(part), signal)
  }

  edit(messageId: string, part: Part, signal: AbortSignal): Promise<Receipt> {
    return this.#speaking.edit(messageId, this.#now(part), signal)
  }

  react(place: Place, eventId: string, emoji: string): Promise<void> {
    return this.#speaking.react(this.#now(place), eventId, emoji)
  }

  delete(place: Place, messageId: string): Promise<void> {
    return this.#speaking.delete(this.#now(place), messageId)
  }

  fetch({ ref }: IncomingFile, signal: AbortSignal): Promise<Uint8Array> {
    const { botToken: token, apiRoot } = this.#options.credentials
    return fetchFile(ref, { api: slackApi(token, apiRoot, signal), token, apiRoot, signal })
  }

  roomOf(room: string): string {
    return this.#state.roomOf(room)
  }

  async typing(where: Place, on: boolean): Promise<void> {
    const place = this.#now(where)
    const show = (status: string) => this.#speaking.showStatus(place, status)
    if (!on && this.#atWork.hide(place)) await show('')
    if (on && place.thread !== undefined) await this.#atWork.show(place, () => show('is at work …'))
  }

  /** The same in the channel as it is called now. */
  #now<Where extends Place>(place: Where): Where {
    return { ...place, room: this.#state.channelOf(place.room) }
  }

  #listen(parts: Pick<ListeningParts, 'clock' | 'signal' | 'opened' | 'alive' | 'take'>) {
    const { credentials, hooks } = this.#options
    if ('appToken' in credentials) return listen({ ...parts, ...credentials })
    const { botToken, apiRoot } = credentials
    return beCalled({
      ...parts,
      ...credentials,
      hooks,
      api: slackApi(botToken, apiRoot, parts.signal),
    })
  }

  async #hearing(line: Line, signal: AbortSignal): Promise<Hearing> {
    const { credentials, clock, log, commands } = this.#options
    const { listener } = line
    const api = slackApi(credentials.botToken, credentials.apiRoot, signal)
    const { user_id: user = '', user: name = '', ...app } = await api.auth.test()
    const people = new People(api, { team: app.team_id ?? '', enterprise: app.enterprise_id })
    const shown = await people.nameOf(user)
    this.#identity = { id: `slack:${user}`, name: shown === user ? name : shown }
    line.reached('catching-up')
    const reading = new Reading({ user, names: [shown, name] }, people)
    const menu = new Menu(commands())
    return new Hearing({
      listener,
      reading,
      interactions: new Interactions({
        api,
        listener,
        reading,
        people,
        menu,
        clock,
        log,
        state: this.#state,
      }),
      history: new History({
        api,
        clock,
        log,
        signal,
        ofOrganisation: app.is_enterprise_install === true,
      }),
      state: this.#state,
      clock,
      me: user,
      caughtUp: () => line.reached('connected'),
      failed: (error) => this.#fail(error),
    })
  }
}
