import { readBlocks } from './blocks.ts'
import {
  type Channel,
  type Conversations,
  onScreen,
  type Shown,
  told,
  type User,
} from './conversations.ts'
import type { Limits } from './limits.ts'
import { Refusal } from './refusal.ts'
import type { Views } from './views.ts'

/** The arguments of a call, as they came. */
export type Arguments = Readonly<Record<string, unknown>>

/** What the methods work on. */
export interface MethodParts {
  readonly conversations: Conversations
  /** Undefined where everybody may send as fast as they like. */
  readonly limits: Limits | undefined
  /** Where files are sent to. */
  readonly uploads: Map<string, { readonly name: string; content?: string }>
  readonly uploadRoot: () => string
  /** Where files are had from. */
  readonly fileRoot: () => string
  /** What is shown of the bot's work below threads. */
  readonly statuses: Map<string, string>
  readonly views: Views
  /** What the app may do. */
  readonly scopes: ReadonlySet<string>
  /** What single people were shown. */
  readonly asides: Aside[]
  readonly organisation: () => Organisation | undefined
}

/** Where the app belongs to several workspaces at once. */
export interface Organisation {
  readonly id: string
  readonly teams: readonly string[]
  /** In which of them a channel is; the first where it is missing. */
  readonly channels: ReadonlyMap<string, string>
}

/** A message that only one person has seen, for as long as they look. */
export interface Aside {
  readonly channel: Channel
  readonly user: User
  readonly text: string
}

/** What people's programs still show of a text; what is longer is cut. */
const longestText = 40_000
const emoji = ['eyes', '+1', '-1', 'white_check_mark', 'x', 'heart', 'tada']

/** The methods of the Web API that are known here, each as strict as Slack's own. */
export function methodsOf(parts: MethodParts) {
  const { conversations, limits, uploads, uploadRoot, fileRoot, statuses, views, asides, scopes } =
    parts
  const { me } = conversations

  function content({ text = '', blocks = [], metadata }: Arguments) {
    if (text === '' && (blocks as unknown[]).length === 0) throw new Refusal('no_text')
    if (String(text).length > longestText) throw new Refusal('msg_too_long')
    readBlocks(blocks)
    if (metadata !== undefined && !isMetadata(metadata))
      throw new Refusal('invalid_metadata_format')
    return { text: decoded(String(text)), blocks: blocks as unknown[], metadata }
  }

  function threadIn(channel: Channel, { thread_ts: thread }: Arguments) {
    if (thread === undefined) return {}
    conversations.find(channel, thread)
    return { thread: String(thread) }
  }

  /** What apps have hung on a message is told only to one that may see it, and asks for it. */
  function toldTo({ include_all_metadata: asked }: Arguments, shown: Shown) {
    const { metadata, ...message } = told(shown, conversations.in(shown.channel))
    const may = String(asked) === 'true' && scopes.has('metadata.message:read')
    return { ...message, ...(may && metadata !== undefined && { metadata }) }
  }

  function page(messages: readonly Shown[], args: Arguments) {
    const { oldest = '0', limit = 100, cursor } = args
    const all = messages.filter(({ ts }) => Number(ts) > Number(oldest))
    const from = Number(cursor ?? 0)
    const to = from + Number(limit)
    return {
      messages: all.slice(from, to).map((one) => toldTo(args, one)),
      has_more: to < all.length,
      response_metadata: { next_cursor: to < all.length ? String(to) : '' },
    }
  }

  /** Who may speak for a whole organisation must say which of its workspaces they mean. */
  function isIn(channel: string, team: unknown): boolean {
    const organisation = parts.organisation()
    if (!organisation) return true
    if (!organisation.teams.includes(String(team))) throw new Refusal('missing_argument')
    return (organisation.channels.get(channel) ?? organisation.teams[0]) === team
  }

  return {
    'auth.test': () => ({
      ...{ user_id: me.id, user: me.name, bot_id: me.bot, team_id: me.team, team: 'The team' },
      ...(parts.organisation() && {
        ...{ enterprise_id: parts.organisation()?.id, is_enterprise_install: true },
      }),
      url: 'https://the-team.example/',
    }),
    'users.info'({ user }: Arguments) {
      const { id, name, team, enterprise } = conversations.user(user)
      return {
        user: {
          ...{ id, name, team_id: team, profile: { display_name: '', real_name: name } },
          ...(enterprise && { enterprise_user: { enterprise_id: enterprise } }),
        },
      }
    },
    'auth.teams.list': () => ({
      teams: [...(parts.organisation()?.teams ?? [me.team])].map((id) => ({ id, name: id })),
    }),
    'users.conversations': ({ team_id: team }: Arguments) => ({
      channels: conversations.channels
        .filter(({ members, archived }) => members.has(me.id) && !archived)
        .filter(({ id }) => isIn(id, team))
        .map(({ id, name }) => ({ id, name })),
    }),
    'conversations.history'(args: Arguments) {
      const channel = conversations.open(args.channel)
      const messages = conversations.in(channel).filter(({ thread }) => thread === undefined)
      return page([...messages].reverse(), args)
    },
    'conversations.replies'(args: Arguments) {
      const channel = conversations.open(args.channel)
      const { ts } = conversations.find(channel, args.ts)
      const messages = conversations.in(channel)
      return page(
        messages.filter((one) => one.ts === ts || one.thread === ts),
        args,
      )
    },
    'chat.postMessage'(args: Arguments) {
      const channel = conversations.open(args.channel, true, scopes.has('chat:write.public'))
      const written = { ...content(args), ...threadIn(channel, args) }
      limits?.count(channel.id)
      const shown = conversations.add({ channel, user: me, ...written })
      return { channel: channel.id, ts: shown.ts, message: told(shown, []) }
    },
    'chat.postEphemeral'(args: Arguments) {
      const channel = conversations.open(args.channel, true)
      if (args.metadata !== undefined) throw new Refusal('invalid_arguments')
      const user = conversations.user(args.user)
      if (!channel.members.has(user.id)) throw new Refusal('user_not_in_channel')
      const shown = { ...content(args), ...threadIn(channel, args), channel, user }
      limits?.count(channel.id)
      asides.push({ channel, user, text: onScreen(shown) })
      return { message_ts: `${asides.length}.000000` }
    },
    'conversations.open'({ users }: Arguments) {
      const { id } = conversations.user(users)
      const isTheirs = ({ id: channel, members }: Channel) =>
        channel.startsWith('D') && members.has(id)
      const channel = conversations.channels.find(isTheirs)
      if (!channel) throw new Refusal('cannot_dm_user')
      return { channel: { id: channel.id } }
    },
    'views.open': ({ trigger_id: trigger, view }: Arguments) => ({
      view: views.show(trigger, view),
    }),
    'chat.update'(args: Arguments) {
      const channel = conversations.open(args.channel, true)
      const shown = conversations.find(channel, args.ts)
      if (shown.user !== me) throw new Refusal('cant_update_message')
      const { text, blocks } = content(args)
      limits?.countChange()
      Object.assign(shown, { text, blocks, edited: shown.ts })
      return { channel: channel.id, ts: shown.ts }
    },
    'chat.delete'(args: Arguments) {
      const shown = conversations.find(conversations.open(args.channel), args.ts)
      if (shown.user !== me) throw new Refusal('cant_delete_message')
      shown.deleted = true
      return {}
    },
    'reactions.get'({ channel, timestamp }: Arguments) {
      const shown = conversations.find(conversations.open(channel), timestamp)
      const reactions = shown.reactions.map(({ name, user }) => ({ name, users: [user], count: 1 }))
      return { type: 'message', message: { ts: shown.ts, reactions } }
    },
    'reactions.add'({ channel, timestamp, name }: Arguments) {
      const shown = conversations.find(conversations.open(channel), timestamp)
      if (!emoji.includes(String(name))) throw new Refusal('invalid_name')
      const own = { name: String(name), user: me.id }
      if (shown.reactions.some((one) => one.name === own.name && one.user === me.id))
        throw new Refusal('already_reacted')
      shown.reactions = [...shown.reactions, own]
      return {}
    },
    'reactions.remove'({ channel, timestamp, name }: Arguments) {
      const shown = conversations.find(conversations.open(channel), timestamp)
      const left = shown.reactions.filter((one) => one.name !== name || one.user !== me.id)
      if (left.length === shown.reactions.length) throw new Refusal('no_reaction')
      shown.reactions = left
      return {}
    },
    'files.getUploadURLExternal'({ filename, length }: Arguments) {
      if (!filename || !(Number(length) > 0)) throw new Refusal('invalid_arguments')
      const id = `F${uploads.size + 1}`
      uploads.set(id, { name: String(filename) })
      return { file_id: id, upload_url: `${uploadRoot()}${id}` }
    },
    'files.info'({ file }: Arguments) {
      const { id, name, content } = conversations.file(file)
      const facts = { id, name, mimetype: 'text/plain', size: content.length }
      return { file: { ...facts, url_private_download: `${fileRoot()}${id}` } }
    },
    'files.completeUploadExternal'(args: Arguments) {
      const channel = conversations.open(args.channel_id, true)
      const [given] = args.files as { id: string; title: string }[]
      const upload = uploads.get(given?.id ?? '')
      if (!given || upload?.content === undefined) throw new Refusal('file_not_found')
      limits?.count(channel.id)
      const file = { id: given.id, name: upload.name, content: upload.content }
      const text = decoded(String(args.initial_comment ?? ''))
      conversations.add({ channel, user: me, text, file, ...threadIn(channel, args) })
      return { files: [{ id: given.id, title: given.title }] }
    },
    'assistant.threads.setStatus'({ channel_id: id, thread_ts: thread, status }: Arguments) {
      const channel = conversations.open(id, true)
      conversations.find(channel, thread)
      statuses.set(`${channel.id}/${thread}`, String(status))
      return {}
    },
  } satisfies Record<string, (args: Arguments) => object>
}

function isMetadata(metadata: unknown): boolean {
  const { event_type: type, event_payload: payload } = metadata as Arguments
  return typeof type === 'string' && /^\w+$/.test(type) && typeof payload === 'object'
}

/** Text as people see it. Throws `Refusal` where something in it would call people. */
function decoded(text: string): string {
  if (/<[@!#]/.test(text)) throw new Refusal('invalid_arguments')
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
}
