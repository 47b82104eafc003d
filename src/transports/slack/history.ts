import {
  type UsersConversationsResponse,
  WebAPIRateLimitedError,
  type WebClient,
} from '@slack/web-api'
import { type Clock, pause } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import { msOf, tsOf } from './address.ts'
import { type SlackMessage, slackMessage } from './events.ts'
import { errorName } from './failures.ts'

/** What the history is read with. */
export interface HistoryParts {
  readonly api: WebClient
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
  /** Whether the app belongs to a whole organisation, and not to one workspace. */
  readonly ofOrganisation: boolean
}

interface Page {
  readonly messages?: readonly unknown[]
  readonly response_metadata?: { readonly next_cursor?: string }
}

const pageSize = 200
/** An answer in a thread that began earlier is not looked for. */
const threadsMs = 3 * 86_400_000
const unreadable = ['not_in_channel', 'channel_not_found', 'is_archived', 'thread_not_found']

/** Whether Slack says by this error that there is nothing there for the bot to see. */
function isUnreadable(error: unknown): boolean {
  return unreadable.includes(errorName(error) ?? '')
}

/** Reads what was said in the channels that the bot is in. */
export class History {
  readonly #parts: HistoryParts

  constructor(parts: HistoryParts) {
    this.#parts = parts
  }

  /** The ids of all channels and direct chats that the bot is in, in all of its workspaces. */
  async channels(): Promise<readonly string[]> {
    const found = new Set<string>()
    for (const team of await this.#teams())
      for (const channel of await this.#channelsOf(team)) found.add(channel)
    return [...found]
  }

  /** An app of a whole organisation has to say which workspace it means; any other has one alone. */
  async #teams(): Promise<readonly ({ readonly team_id: string } | undefined)[]> {
    const { api, ofOrganisation } = this.#parts
    if (!ofOrganisation) return [undefined]
    const { teams = [] } = await this.#patiently(() => api.auth.teams.list({ limit: pageSize }))
    return teams.flatMap(({ id }) => (id === undefined ? [] : [{ team_id: id }]))
  }

  async #channelsOf(team: { readonly team_id: string } | undefined): Promise<readonly string[]> {
    const { api } = this.#parts
    const found: string[] = []
    const types = 'public_channel,private_channel,mpim,im'
    let cursor: string | undefined
    do {
      const page = {
        ...team,
        types,
        exclude_archived: true,
        limit: pageSize,
        ...(cursor && { cursor }),
      }
      const answer: UsersConversationsResponse = await this.#patiently(() =>
        api.users.conversations(page),
      )
      found.push(...(answer.channels ?? []).flatMap(({ id }) => id ?? []))
      cursor = answer.response_metadata?.next_cursor
    } while (cursor)
    return found
  }

  /** What was said in the channel and its threads since then, and since `user` came there, in order. */
  async since(channel: string, moment: number, user: string): Promise<readonly SlackMessage[]> {
    const messages = await this.#readable(this.#channel(channel, moment - threadsMs))
    const isNew = ({ ts }: SlackMessage) => msOf(ts) > moment
    const joining = messages.findLast(
      (message) => message.subtype === 'channel_join' && message.user === user,
    )
    const roots = messages.filter(({ latest_reply: latest }) => latest && msOf(latest) > moment)
    const replies: SlackMessage[] = []
    for (const { ts } of roots)
      replies.push(...(await this.#readable(this.#thread(channel, ts, moment))))
    return [...messages, ...replies.filter(({ ts, thread_ts: root }) => ts !== root)]
      .filter((message) => isNew(message) && message.ts > (joining?.ts ?? ''))
      .sort((one, other) => (one.ts < other.ts ? -1 : 1))
  }

  /**
   * The message for which `matches` holds, in the channel or its thread, since then. Throws where the
   * history may not be read.
   */
  async find(
    channel: string,
    thread: string | undefined,
    moment: number,
    matches: (message: SlackMessage) => boolean,
  ): Promise<SlackMessage | undefined> {
    const messages = await (thread === undefined
      ? this.#channel(channel, moment)
      : this.#thread(channel, thread, moment))
    return messages.find(matches)
  }

  #channel(channel: string, moment: number): Promise<readonly SlackMessage[]> {
    const { api } = this.#parts
    const wanted = { channel, oldest: tsOf(moment), include_all_metadata: true, limit: pageSize }
    return this.#pages((cursor) => api.conversations.history({ ...wanted, ...cursor }))
  }

  #thread(channel: string, ts: string, moment: number): Promise<readonly SlackMessage[]> {
    const { api } = this.#parts
    const wanted = { channel, ts, oldest: tsOf(moment), include_all_metadata: true }
    return this.#pages((cursor) =>
      api.conversations.replies({ ...wanted, limit: pageSize, ...cursor }),
    )
  }

  /** What may not be read holds nothing for us. */
  async #readable(reading: Promise<readonly SlackMessage[]>): Promise<readonly SlackMessage[]> {
    try {
      return await reading
    } catch (error) {
      if (!isUnreadable(error)) throw error
      this.#parts.log.warn(
        { reason: errorName(error) },
        'What was said in a channel cannot be read.',
      )
      return []
    }
  }

  /** All pages, the oldest message first. */
  async #pages(
    ask: (cursor: { readonly cursor?: string }) => Promise<Page>,
  ): Promise<readonly SlackMessage[]> {
    const messages: SlackMessage[] = []
    let cursor: string | undefined
    do {
      const next = cursor ? { cursor } : {}
      const page: Page = await this.#patiently(() => ask(next))
      for (const raw of page.messages ?? []) {
        const { data } = slackMessage.safeParse(raw)
        if (data) messages.push(data)
      }
      cursor = page.response_metadata?.next_cursor
    } while (cursor)
    return messages.sort((one, other) => (one.ts < other.ts ? -1 : 1))
  }

  /** Waits where Slack asks for it: many channels are more than it lets one read at once. */
  async #patiently<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
    const { clock, signal } = this.#parts
    for (;;) {
      try {
        return await ask()
      } catch (error) {
        if (!(error instanceof WebAPIRateLimitedError) || signal.aborted) throw error
        await pause(clock, error.retryAfter * 1000, signal)
      }
    }
  }
}
