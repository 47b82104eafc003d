import type { WebClient } from '@slack/web-api'
import type { Place } from '../../bot/message.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import type { Listener } from '../transport.ts'
import { eventIdOf, isDirect, placeOf } from './address.ts'
import {
  acknowledge,
  type Envelope,
  slackForm,
  slackPress,
  slackShortcut,
  slackSlash,
} from './events.ts'
import { errorName } from './failures.ts'
import type { Menu } from './menu.ts'
import type { People } from './people.ts'
import type { Reading } from './reading.ts'
import type { SlackState } from './slack-state.ts'

/** What interactions work with. */
export interface InteractionParts {
  readonly api: WebClient
  readonly listener: Listener
  readonly reading: Reading
  readonly people: People
  readonly menu: Menu
  readonly state: SlackState
  readonly clock: Clock
  readonly log: Log
}

/**
 * Hands in what people do beside talking: slash commands, buttons, forms. Whoever does it waits for an
 * answer within three seconds, which comes when it is stored.
 */
export class Interactions {
  readonly #parts: InteractionParts

  constructor(parts: InteractionParts) {
    this.#parts = parts
  }

  /** A command that leaves something out is asked for with a form, which nobody else sees. */
  async slash({ body, ack }: Envelope): Promise<void> {
    const { listener, people, reading, menu, state, clock } = this.#parts
    const { data } = slackSlash.safeParse(body)
    if (!data) return acknowledge(ack)
    const text = (await reading.plain(data.text)) || 'help'
    const place = placeOf(state.roomOf(data.channel_id))
    if (await this.#asks(data.trigger_id, text, place)) return acknowledge(ack)
    const direct = isDirect(data.channel_id)
    const aside = !direct && menu.isPersonal(text)
    await listener.receive({
      ...place,
      eventId: `slash/${data.trigger_id}`,
      sender: await people.person(data.user_id),
      text,
      direct,
      addressed: true,
      at: clock.now(),
      ...(aside && { aside }),
    })
    // So everybody sees to what the bot answers.
    await acknowledge(() => ack(aside ? undefined : { response_type: 'in_channel' }))
  }

  /** Buttons, the app's shortcut, and forms that were filled in. */
  async interact({ body, ack }: Envelope): Promise<void> {
    await this.#press(body)
    await this.#shortcut(body)
    await this.#submit(body)
    await acknowledge(ack)
  }

  async #press(body: unknown): Promise<void> {
    const { listener, people, state, clock } = this.#parts
    const { data } = slackPress.safeParse(body)
    const [action] = data?.actions ?? []
    const [, message, choice] = /^(.+):(\d+)$/.exec(action?.value ?? '') ?? []
    if (!data || !action || message === undefined) return
    const { channel, message: pressed, user } = data
    const room = state.roomOf(channel.id)
    const place = placeOf(room, pressed.thread_ts)
    const isCommand = action.action_id.startsWith('command-')
    if (isCommand && (await this.#asks(data.trigger_id, action.text.text, place))) return
    await listener.choose({
      ...place,
      eventId: `${eventIdOf(room, pressed.ts)}/${action.action_ts}`,
      sender: await people.person(user.id),
      direct: isDirect(channel.id),
      at: clock.now(),
      message,
      choice: Number(choice),
    })
  }

  /** It belongs to no channel: what comes of it is said in the direct chat. */
  async #shortcut(body: unknown): Promise<void> {
    const { data } = slackShortcut.safeParse(body)
    if (!data) return
    const { channel } = await this.#parts.api.conversations.open({ users: data.user.id })
    if (channel?.id !== undefined)
      await this.#asks(data.trigger_id, data.callback_id, placeOf(channel.id))
  }

  async #submit(body: unknown): Promise<void> {
    const { listener, people, menu, clock } = this.#parts
    const { data } = slackForm.safeParse(body)
    const said = data && menu.read(data.view)
    if (!said) return
    await listener.receive({
      ...said,
      eventId: `form/${data.view.id}`,
      sender: await people.person(data.user.id),
      direct: isDirect(said.room),
      addressed: true,
      at: clock.now(),
    })
  }

  /** Whether a form asks for what the command leaves out. Where Slack shows none, the bot says what is missing. */
  async #asks(trigger: string, text: string, place: Place): Promise<boolean> {
    const { api, menu, log } = this.#parts
    const view = menu.formFor(text, place)
    if (!view) return false
    try {
      await api.views.open({ trigger_id: trigger, view })
      return true
    } catch (error) {
      const reason = errorName(error)
      if (reason === undefined) throw error
      log.warn({ reason }, 'A form was not shown.')
      return false
    }
  }
}
