import type { WebClient } from '@slack/web-api'
import { type Receipt, SendFailure } from '../../bot/courier.ts'
import type { Part, Place } from '../../bot/message.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import { Pace } from '../pace.ts'
import { eventIdOf, timeOf, userOf } from './address.ts'
import { slackApi } from './api.ts'
import { contentOf, escaped, idEvent } from './content.ts'
import type { SlackCredentials } from './credentials.ts'
import { emojiName } from './emoji.ts'
import type { SlackMessage } from './events.ts'
import { errorName, sendFailure } from './failures.ts'
import { History } from './history.ts'
import type { BegunSend, SlackState } from './slack-state.ts'

/** What speaking works with. */
export interface SpeakingParts {
  readonly credentials: SlackCredentials
  readonly state: SlackState
  readonly clock: Clock
  readonly log: Log
  /** Told that the token is not accepted any more. */
  readonly refused: (failure: SendFailure) => void
}

/** Of all changes of messages together: Slack's third tier. */
const changeRate = { messages: 50, withinMs: 60_000 }
/** Slack's clock and this machine's may differ so much. */
const clockSkewMs = 60_000
const never = new AbortController().signal
/** A message that cannot be changed any more is followed by a new one. */
const unchangeable = ['message_not_found', 'cant_update_message', 'edit_window_closed']

/** The bot may speak in public channels that it is not in, but read nothing there. */
const blind = ['not_in_channel', 'channel_not_found', 'missing_scope']

/** The bot or the person is not in the channel. */
const outside = ['not_in_channel', 'channel_not_found', 'user_not_in_channel', 'is_archived']

/** Says things on Slack. Everything throws `SendFailure` and nothing else. */
export class Speaking {
  readonly #parts: SpeakingParts
  readonly #changes: Pace

  constructor(parts: SpeakingParts) {
    this.#parts = parts
    this.#changes = new Pace({ rates: () => [], overallRates: [changeRate] }, parts.clock)
  }

  /** Sends once, however often it is called: what may have been sent is looked for before. */
  async send(part: Part, signal: AbortSignal): Promise<Receipt> {
    const { state, clock } = this.#parts
    const { onlyFor } = part
    if (onlyFor !== undefined)
      return this.#telling(signal, (api) => this.#whisper(api, signal, part, onlyFor))
    return this.#telling(signal, async (api) => {
      const begun = await state.begin(part.id, clock.now())
      if (!begun) return this.#sendFirst(api, signal, part)
      if (begun.messageId !== undefined) return { messageId: begun.messageId }
      const found = await this.#find(api, signal, part, begun)
      const messageId = found ? eventIdOf(part.room, found.ts) : await this.#say(api, signal, part)
      await state.sent(part.id, messageId)
      return { messageId }
    })
  }

  async edit(messageId: string, part: Part, signal: AbortSignal): Promise<Receipt> {
    const ts = timeOf(messageId)
    if (ts === undefined || part.file) return this.send(part, signal)
    const changed = await this.#telling(signal, (api) => this.#change(api, ts, part))
    return changed ? { messageId } : this.send(part, signal)
  }

  /** Shows `emoji` alone, in the place of an earlier one. */
  async react({ room }: Place, eventId: string, emoji: string): Promise<void> {
    const timestamp = timeOf(eventId)
    if (timestamp === undefined) return
    await this.#telling(never, async (api) => {
      const name = emojiName(emoji)
      if (name === undefined) throw new SendFailure('invalid', `Slack has no name for ${emoji}.`)
      const { user_id: me = '' } = await api.auth.test()
      const { message } = await api.reactions.get({ channel: room, timestamp, full: true })
      const own = (message?.reactions ?? []).filter(({ users }) => users?.includes(me))
      for (const { name: shown = '' } of own)
        if (shown !== name) await api.reactions.remove({ channel: room, timestamp, name: shown })
      if (!own.some((one) => one.name === name))
        await api.reactions.add({ channel: room, timestamp, name })
    })
  }

  async delete({ room }: Place, messageId: string): Promise<void> {
    const ts = timeOf(messageId)
    if (ts !== undefined)
      await this.#telling(never, (api) => api.chat.delete({ channel: room, ts }))
  }

  /** Shows below a thread what the bot does, for two minutes; with nothing it is gone. */
  async showStatus({ room, thread }: Place, status: string): Promise<void> {
    if (thread === undefined) return
    await this.#telling(never, (api) =>
      api.assistant.threads.setStatus({ channel_id: room, thread_ts: thread, status }),
    )
  }

  /** Whether the message shows the change; one that is gone does not. */
  async #change(api: WebClient, ts: string, part: Part): Promise<boolean> {
    const { clock } = this.#parts
    const wait = this.#changes.take(part.room)
    if (wait > 0)
      throw new SendFailure('rate-limited', 'Slack takes no more changes now.', {
        until: clock.now() + wait,
      })
    try {
      await api.chat.update({ ...contentOf(part), ts })
      return true
    } catch (error) {
      if (unchangeable.includes(errorName(error) ?? '')) return false
      throw error
    } finally {
      this.#changes.done(part.room)
    }
  }

  /** Nobody can look for it later: it is sent once. Who cannot be reached there has it in the direct chat. */
  async #whisper(
    api: WebClient,
    signal: AbortSignal,
    part: Part,
    person: string,
  ): Promise<Receipt> {
    const user = userOf(person)
    const { room: channel, thread, file } = part
    const { metadata: _, ...content } = contentOf(part)
    try {
      if (!file) {
        const { message_ts: ts } = await api.chat.postEphemeral({
          ...content,
          channel,
          user,
          ...(thread !== undefined && { thread_ts: thread }),
        })
        return { messageId: `${channel}/${user}/${ts}` }
      }
    } catch (error) {
      if (!outside.includes(errorName(error) ?? '')) throw error
    }
    const { channel: direct } = await api.conversations.open({ users: user })
    const { thread: _in, ...alone } = { ...part, room: direct?.id ?? user }
    return { messageId: await this.#say(api, signal, alone) }
  }

  /** A refusal of a first attempt leaves no doubt, so that the next one need not look. */
  async #sendFirst(api: WebClient, signal: AbortSignal, part: Part): Promise<Receipt> {
    const { state, clock } = this.#parts
    let messageId: string
    try {
      messageId = await this.#say(api, signal, part)
    } catch (error) {
      const failure = sendFailure(error, clock.now())
      if (failure.kind !== 'unknown') await state.refused(part.id)
      throw failure
    }
    await state.sent(part.id, messageId)
    return { messageId }
  }

  #say(api: WebClient, signal: AbortSignal, part: Part): Promise<string> {
    return part.file ? this.#upload(api, signal, part, part.file) : this.#post(api, part)
  }

  async #post(api: WebClient, part: Part): Promise<string> {
    const { channel = part.room, ts = '' } = await api.chat.postMessage({
      ...contentOf(part),
      ...(part.thread !== undefined && { thread_ts: part.thread }),
      mrkdwn: false,
      unfurl_links: false,
      unfurl_media: false,
    })
    return eventIdOf(channel, ts)
  }

  /** The file's own id stands for its message, which Slack makes a little later. */
  async #upload(
    api: WebClient,
    signal: AbortSignal,
    { id, room, thread, text }: Part,
    { name: filename, content }: NonNullable<Part['file']>,
  ): Promise<string> {
    const body = Buffer.from(content)
    const place = await api.files.getUploadURLExternal({ filename, length: body.length })
    const { upload_url: url = '', file_id: fileId = '' } = place
    await this.#parts.state.carry(id, fileId)
    const taken = await fetch(url, { method: 'POST', body, signal }).catch(() => undefined)
    if (!taken?.ok) throw new SendFailure('transient', 'Slack did not take a file.')
    await api.files.completeUploadExternal({
      files: [{ id: fileId, title: filename }],
      channel_id: room,
      initial_comment: escaped(text),
      ...(thread !== undefined && { thread_ts: thread }),
    })
    return `${room}/${fileId}`
  }

  async #find(
    api: WebClient,
    signal: AbortSignal,
    { id, room, thread }: Part,
    { begunAt, file }: BegunSend,
  ): Promise<SlackMessage | undefined> {
    const { clock, log } = this.#parts
    const history = new History({ api, clock, log, signal, ofOrganisation: false })
    const isIt = ({ metadata, files }: SlackMessage) =>
      (metadata?.event_type === idEvent && metadata.event_payload.id === id) ||
      (file !== undefined && files?.some((one) => one.id === file) === true)
    try {
      return await history.find(room, thread, begunAt - clockSkewMs, isIt)
    } catch (error) {
      if (!blind.includes(errorName(error) ?? '')) throw error
      throw new SendFailure('unknown', 'Slack does not show what was said there.', {
        forGood: true,
      })
    }
  }

  async #telling<Result>(
    signal: AbortSignal,
    work: (api: WebClient) => Promise<Result>,
  ): Promise<Result> {
    if (signal.aborted) throw new SendFailure('cancelled', 'The program stops.')
    const { credentials, clock, refused } = this.#parts
    try {
      return await work(slackApi(credentials.botToken, credentials.apiRoot, signal))
    } catch (error) {
      const failure = sendFailure(error, clock.now())
      if (failure.kind === 'refused') refused(failure)
      throw failure
    }
  }
}
