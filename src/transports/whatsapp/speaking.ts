import type { Client, Message, MessageSendOptions } from 'whatsapp-web.js'
import { type Receipt, SendFailure } from '../../bot/courier.ts'
import type { Part, Place } from '../../bot/message.ts'
import { type Clock, pause } from '../../kernel/clock.ts'
import { asSendFailure } from './failures.ts'
import type { Offers } from './offers.ts'
import type { Session } from './session.ts'

/** What speaking works with. */
export interface SpeakingParts {
  readonly offers: Offers
  readonly clock: Clock
  /** The connection as it is now. */
  readonly session: () => Session | undefined
}

/** WhatsApp answers within that, or nobody knows. */
const answerMs = 60_000
/** What the page shows of the bot's work is gone after 25 seconds. */
const typingMs = 20_000
const never = new AbortController().signal

/** `message_ack`: WhatsApp's server has the message. */
const onServer = 1

/** Says things on WhatsApp. Everything throws `SendFailure` and nothing else. */
export class Speaking {
  readonly #parts: SpeakingParts

  constructor(parts: SpeakingParts) {
    this.#parts = parts
  }

  /** Sends, and waits until WhatsApp's server has the message: until then it is on this machine only. */
  async send(part: Part, signal: AbortSignal): Promise<Receipt> {
    const { offers, clock } = this.#parts
    const { replyTo, choices } = part
    return this.#telling(signal, async (client) => {
      const options = {
        linkPreview: false,
        parseVCards: false,
        sendSeen: false,
        ...(replyTo !== undefined && { quotedMessageId: replyTo }),
      }
      using acks = new Acks(client)
      const sent = await say(client, part, options)
      if (!sent) throw new SendFailure('unknown', 'WhatsApp Web does not say what it has sent.')
      if (choices) offers.add(sent.id.id, part, clock.now())
      await acks.of(sent)
      return { messageId: sent.id._serialized }
    })
  }

  /** A message that cannot be changed any more is followed by a new one. */
  async edit(messageId: string, part: Part, signal: AbortSignal): Promise<Receipt> {
    if (part.file) return this.send(part, signal)
    const changed = await this.#telling(signal, async (client) => {
      const message = await client.getMessageById(messageId)
      return message?.edit(textOf(part), { linkPreview: false })
    })
    return changed ? { messageId } : this.send(part, signal)
  }

  async react(eventId: string, emoji: string): Promise<void> {
    await this.#telling(never, (client) => client.sendReaction(eventId, emoji))
  }

  async delete(messageId: string): Promise<void> {
    await this.#telling(never, async (client) => {
      const message = await client.getMessageById(messageId)
      await message?.delete(true)
    })
  }

  /** Shows that the bot is at work until `signal` is aborted. */
  async showTyping({ room }: Place, signal: AbortSignal): Promise<void> {
    const chat = await this.#telling(never, (client) => client.getChatById(room))
    while (!signal.aborted) {
      await this.#telling(never, () => chat.sendStateTyping())
      await pause(this.#parts.clock, typingMs, signal)
    }
    await this.#telling(never, () => chat.clearState())
  }

  /** Once something was handed to the page, nobody knows what became of it unless the page says so. */
  async #telling<Result>(
    signal: AbortSignal,
    work: (client: Client) => Promise<Result>,
  ): Promise<Result> {
    if (signal.aborted) throw new SendFailure('cancelled', 'The program stops.')
    const session = this.#parts.session()
    if (!session) throw new SendFailure('transient', 'WhatsApp is not connected.')
    const over = new AbortController()
    const limits = AbortSignal.any([signal, over.signal])
    const late = pause(this.#parts.clock, answerMs, limits).then(() => {
      throw new SendFailure('unknown', 'WhatsApp does not answer.')
    })
    late.catch(() => {})
    try {
      return await Promise.race([work(session.client), session.lost, late])
    } catch (error) {
      throw asSendFailure(error)
    } finally {
      over.abort()
    }
  }
}

async function say(client: Client, part: Part, options: MessageSendOptions) {
  const { room, text, file } = part
  if (!file) return client.sendMessage(room, textOf(part), options)
  const { MessageMedia } = (await import('whatsapp-web.js')).default
  const content = Buffer.from(file.content).toString('base64')
  const media = new MessageMedia('text/markdown', content, file.name)
  return client.sendMessage(room, media, { ...options, caption: text, sendMediaAsDocument: true })
}

function textOf({ text, formatted = text }: Part): string {
  return formatted
}

/** How far the messages have come that are sent meanwhile. */
class Acks implements Disposable {
  readonly #client: Client
  readonly #reached = new Map<string, number>()
  #look = () => {}

  constructor(client: Client) {
    this.#client = client
    client.on('message_ack', this.#note)
  }

  /** Resolves once WhatsApp's server has it. Throws `SendFailure` where it does not take it. */
  async of({ id, ack }: Message): Promise<void> {
    for (;;) {
      const reached = this.#reached.get(id._serialized) ?? ack
      if (reached >= onServer) return
      if (reached < 0) throw new SendFailure('unknown', 'WhatsApp marks the message as failed.')
      await new Promise<void>((resolve) => {
        this.#look = resolve
      })
    }
  }

  [Symbol.dispose](): void {
    this.#client.off('message_ack', this.#note)
  }

  readonly #note = ({ id }: Message, ack: number): void => {
    this.#reached.set(id._serialized, ack)
    this.#look()
  }
}
