import { z } from 'zod'
import type { IncomingFile } from '../../bot/message.ts'

const relation = z.looseObject({
  rel_type: z.string().optional(),
  event_id: z.string().optional(),
  key: z.string().optional(),
  'm.in_reply_to': z.looseObject({ event_id: z.string() }).optional(),
  is_falling_back: z.boolean().optional(),
})

const content = z.looseObject({
  msgtype: z.string().optional(),
  body: z.string().optional(),
  formatted_body: z.string().optional(),
  'm.relates_to': relation.optional(),
  'm.mentions': z.looseObject({ user_ids: z.array(z.string()).optional() }).optional(),
  'm.new_content': z.looseObject({ msgtype: z.string().optional(), body: z.string() }).optional(),
  membership: z.string().optional(),
  redacts: z.string().optional(),
  filename: z.string().optional(),
  url: z.string().optional(),
  /** Of an encrypted file: its address, and what it is decrypted with. */
  file: z.looseObject({ url: z.string() }).optional(),
  /** Ours: the outbox's id, so that a send of which nobody knows can be found. */
  'io.huskies.id': z.string().optional(),
  'io.huskies.installation': z.string().optional(),
})

/** An event of a room, as far as it is looked at. What does not have this shape says nothing to us. */
export const roomEvent = z.looseObject({
  event_id: z.string(),
  type: z.string(),
  sender: z.string(),
  origin_server_ts: z.number(),
  state_key: z.string().optional(),
  redacts: z.string().optional(),
  content,
})

export type RoomEvent = z.infer<typeof roomEvent>

/** As far as it has to be looked at to see who comes into a room. */
interface Membership {
  readonly type?: unknown
  readonly state_key?: unknown
  readonly content?: { readonly membership?: unknown }
  readonly unsigned?: { readonly prev_content?: { readonly membership?: unknown } }
}

/** Whether the event is that `user` comes into the room: who calls themselves otherwise was there before. */
export function isJoiningOf(event: unknown, user: string): boolean {
  const { type, state_key, content, unsigned } = (event ?? {}) as Membership
  if (type !== 'm.room.member' || state_key !== user) return false
  return content?.membership === 'join' && unsigned?.prev_content?.membership !== 'join'
}
export type RoomContent = RoomEvent['content']

/** The message types that people write; `m.notice` is how bots speak, and no bot answers another. */
const spoken = new Set(['m.text', 'm.emote', 'm.image', 'm.file', 'm.audio', 'm.video'])

/** What an event means to the bot. Undefined is everything that does not concern it. */
export type Meaning =
  | {
      readonly kind: 'message'
      readonly text: string
      readonly thread?: string
      readonly replyTo?: string
      readonly files?: readonly IncomingFile[]
    }
  | { readonly kind: 'edit'; readonly target: string; readonly text: string }
  | { readonly kind: 'removal'; readonly target: string }
  | { readonly kind: 'reaction'; readonly target: string; readonly key: string }

/** Reads an event of somebody else's. */
export function meaningOf({ type, redacts, content }: RoomEvent): Meaning | undefined {
  const relates = content['m.relates_to']
  if (type === 'm.room.redaction') {
    const target = redacts ?? content.redacts
    return target === undefined ? undefined : { kind: 'removal', target }
  }
  if (type === 'm.reaction') {
    const { event_id: target, key } = relates ?? {}
    return target && key ? { kind: 'reaction', target, key } : undefined
  }
  if (type !== 'm.room.message' || !spoken.has(content.msgtype ?? '')) return undefined
  if (relates?.rel_type === 'm.replace') {
    const text = content['m.new_content']?.body
    const target = relates.event_id
    return target && text !== undefined ? { kind: 'edit', target, text } : undefined
  }
  return messageOf(content)
}

function messageOf(content: RoomContent): Meaning | undefined {
  const { body } = content
  if (body === undefined) return undefined
  const relates = content['m.relates_to']
  const thread = relates?.rel_type === 'm.thread' ? relates.event_id : undefined
  // In a thread it is a fallback for programs that know no threads, unless it says otherwise.
  const isReply = thread === undefined || relates?.is_falling_back === false
  const replyTo = isReply ? relates?.['m.in_reply_to']?.event_id : undefined
  const file = fileOf(content)
  const said = replyTo === undefined ? body : withoutQuote(body)
  return {
    kind: 'message',
    text: file && !isCaption(content) ? '' : said,
    ...(thread !== undefined && { thread }),
    ...(replyTo !== undefined && { replyTo }),
    ...(file && { files: [file] }),
  }
}

/** What lies on a server, by the server's name and an id: it becomes a path there. */
const mediaAddress = /^mxc:\/\/[a-z\d[][\w.:\]-]*\/[\w-]+$/i

function fileOf({ filename, body = 'file', url, file }: RoomContent): IncomingFile | undefined {
  if (!mediaAddress.test(file?.url ?? url ?? '')) return undefined
  return { name: filename ?? body, ref: file ? JSON.stringify(file) : String(url) }
}

/** With a name of its own, a file's body says something about it. */
function isCaption({ filename, body }: RoomContent): boolean {
  return filename !== undefined && filename !== body
}

/** Older programs put what is answered before the answer, each line behind a `>`. */
function withoutQuote(body: string): string {
  return body.startsWith('> <') ? body.replace(/^(> .*\n?)+\n?/, '') : body
}

/** Whether the message names this user: by a mention, or by a pill in its formatted text. */
export function mentions(content: RoomContent, user: string): boolean {
  if (content['m.mentions']?.user_ids?.includes(user)) return true
  const pill = `matrix.to/#/${user}`
  const html = content.formatted_body ?? ''
  return html.includes(pill) || html.includes(`matrix.to/#/${encodeURIComponent(user)}`)
}
