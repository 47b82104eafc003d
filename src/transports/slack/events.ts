import { z } from 'zod'

/** A message, as it comes in an event or out of the history, as far as it is looked at. */
export const slackMessage = z.object({
  ts: z.string(),
  type: z.string().optional(),
  subtype: z.string().optional(),
  user: z.string().optional(),
  bot_id: z.string().optional(),
  text: z.string().default(''),
  thread_ts: z.string().optional(),
  /** Who began the thread. */
  parent_user_id: z.string().optional(),
  latest_reply: z.string().optional(),
  edited: z.object({ ts: z.string() }).optional(),
  files: z.array(z.object({ id: z.string(), name: z.string().nullish() })).optional(),
  metadata: z
    .object({ event_type: z.string(), event_payload: z.record(z.string(), z.unknown()) })
    .optional(),
})

export type SlackMessage = z.infer<typeof slackMessage>

const said = slackMessage.extend({
  type: z.enum(['message', 'app_mention']),
  channel: z.string(),
  subtype: z.enum(['file_share', 'thread_broadcast', 'me_message']).optional(),
})
const changed = z.object({
  type: z.literal('message'),
  subtype: z.literal('message_changed'),
  channel: z.string(),
  message: slackMessage,
  previous_message: slackMessage.optional(),
})
const deleted = z.object({
  type: z.literal('message'),
  subtype: z.literal('message_deleted'),
  channel: z.string(),
  deleted_ts: z.string(),
})
const ended = z.object({ type: z.enum(['tokens_revoked', 'app_uninstalled']) })

/** A channel has another id from now on, as when it comes to be shared with another organisation. */
const moved = z.object({
  type: z.literal('channel_id_changed'),
  old_channel_id: z.string(),
  new_channel_id: z.string(),
})

/** Something that has happened, the most frequent first. What has another shape says nothing to us. */
export const slackEvent = z.union([said, changed, deleted, moved, ended])

export type Said = z.infer<typeof said>
export type Changed = z.infer<typeof changed>

/** Somebody has pressed a button. */
export const slackPress = z.object({
  type: z.literal('block_actions'),
  trigger_id: z.string(),
  user: z.object({ id: z.string() }),
  channel: z.object({ id: z.string() }),
  message: slackMessage,
  actions: z
    .array(
      z.object({
        action_id: z.string(),
        text: z.object({ text: z.string() }),
        value: z.string().optional(),
        action_ts: z.string(),
      }),
    )
    .min(1),
})

/** Somebody has picked the app's shortcut, anywhere. */
export const slackShortcut = z.object({
  type: z.literal('shortcut'),
  callback_id: z.string(),
  trigger_id: z.string(),
  user: z.object({ id: z.string() }),
})

/** Somebody has filled in a form. */
export const slackForm = z.object({
  type: z.literal('view_submission'),
  user: z.object({ id: z.string() }),
  view: z.object({
    id: z.string(),
    callback_id: z.string(),
    private_metadata: z.string(),
    state: z.object({
      values: z.record(
        z.string(),
        z.object({
          value: z.object({
            value: z.string().nullish(),
            selected_option: z.object({ value: z.string() }).nullish(),
            selected_options: z.array(z.unknown()).optional(),
          }),
        }),
      ),
    }),
  }),
})

/** Where what comes of a form is to be said. */
export const formPlace = z.object({ room: z.string(), thread: z.string().optional() })

/** Somebody has typed the slash command. */
export const slackSlash = z.object({
  command: z.string(),
  text: z.string().default(''),
  user_id: z.string(),
  channel_id: z.string(),
  trigger_id: z.string(),
})

/** What has come from Slack, with the way to say that it has been stored. */
export interface Envelope {
  readonly type: 'events_api' | 'interactive' | 'slash_commands'
  readonly body: unknown
  ack(response?: Record<string, unknown>): Promise<void>
}

/** Where the connection has closed meanwhile, Slack sends the event again, and it is known by its id. */
export async function acknowledge(ack: () => Promise<void>): Promise<void> {
  await ack().catch(() => {})
}
