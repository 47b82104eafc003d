import type { Message } from 'whatsapp-web.js'
import { z } from 'zod'
import type { IncomingFile, IncomingMessage } from '../../bot/message.ts'
import { NamePrefix } from '../../bot/parser.ts'
import { type People, userOf } from './people.ts'
import type { Account } from './profile.ts'

/** What the library leaves as it came. */
const rawMessage = z.object({
  notifyName: z.string().optional().catch(undefined),
  filename: z.string().optional().catch(undefined),
  quotedStanzaID: z.string().optional().catch(undefined),
})

/** What people send that has words, or a file. All else is the network's own. */
const spoken = ['chat', 'image', 'video', 'audio', 'ptt', 'document', 'sticker']

const endings: Readonly<Record<string, string>> = {
  image: 'picture.jpg',
  video: 'video.mp4',
  audio: 'audio.mp3',
  ptt: 'voice.ogg',
  sticker: 'sticker.webp',
}

/** A message, and what the network says of it beside. */
export interface Said {
  readonly message: IncomingMessage
  /** WhatsApp's own id of its sender. */
  readonly user: string
  /** WhatsApp's key of the message that it quotes. */
  readonly quoted: string | undefined
}

/** Reads what people say to the bot on WhatsApp. */
export class Reading {
  readonly #me: Account
  readonly #name: NamePrefix
  readonly #people: People

  constructor(me: Account, people: People) {
    this.#me = me
    this.#name = new NamePrefix([me.name])
    this.#people = people
  }

  /** The message; undefined where no person said it in a chat, or it holds nothing to read. */
  async read(message: Message): Promise<Said | undefined> {
    const { id, from, author, fromMe, type, timestamp } = message
    const sender = author ?? from
    if (fromMe || !spoken.includes(type) || !isRoom(from) || !isPerson(sender)) return undefined
    const { notifyName, filename, quotedStanzaID: quoted } = rawMessage.parse(message.rawData)
    const mention = message.mentionedIds.map(idOf).find((one) => this.#isMe(one))
    const text = withoutMention(message.body, mention)
    const called = this.#name.strip(text)
    const files: IncomingFile[] = message.hasMedia
      ? [{ name: filename ?? endings[type] ?? 'file', ref: id._serialized }]
      : []
    if (text === '' && files.length === 0 && mention === undefined) return undefined
    const direct = !from.endsWith('@g.us')
    const isCalled = mention !== undefined || called !== undefined || (await isReplyToMe(message))
    return {
      message: {
        transport: 'whatsapp',
        room: from,
        eventId: id._serialized,
        sender: await this.#people.person(sender, notifyName),
        text: called || text,
        direct,
        addressed: direct || isCalled,
        at: timestamp * 1000,
        ...(files.length > 0 && { files }),
      },
      user: userOf(sender),
      quoted,
    }
  }

  #isMe(whatsappId: string): boolean {
    const user = userOf(whatsappId)
    return user === this.#me.id || user === this.#me.lid
  }
}

/** A chat with a person, by either of their names, or a group: no channel, no status. */
function isRoom(chat: string): boolean {
  return /@(c\.us|lid|g\.us)$/.test(chat)
}

/** What WhatsApp's own assistants say comes from elsewhere. */
function isPerson(user: string): boolean {
  return /@(c\.us|lid)$/.test(user)
}

/** A mention is an id, as the library says, or an object that holds one. */
function idOf(mention: unknown): string {
  const { _serialized: id = mention } = mention as { readonly _serialized?: unknown }
  return String(id)
}

/** In the text a mention is the first part of the id. */
function withoutMention(text: string, mention: string | undefined): string {
  if (mention === undefined) return text.trim()
  const [before = '', ...after] = text.split(`@${userOf(mention).split('@')[0]}`)
  const rest = after.join('')
  if (before.trim() === '') return rest.replace(/^[\s:,]+/, '').trim()
  return `${before.trimEnd()}${rest}`.trim()
}

/** What was answered may not be there any more: then it counts as nobody's. */
async function isReplyToMe(message: Message): Promise<boolean> {
  if (!message.hasQuotedMsg) return false
  const quoted = await message.getQuotedMessage().catch(() => undefined)
  return quoted?.fromMe === true
}
