import { z } from 'zod'

const milliseconds = z.number().int().nonnegative()
const personIds = z
  .array(
    z.string().regex(/^[^:]+:.+$/, 'write people as "<network>:<id>", such as "terminal:anna"'),
  )
  .default([])

const access = z.strictObject({ admins: personIds, members: personIds, viewers: personIds })

/** What rooms can be told of. */
const noticeKinds = [
  'new-item',
  'agent',
  'returned',
  'blocked',
  'review',
  'merge-failure',
  'merged',
  'limit',
] as const
export type NoticeKind = (typeof noticeKinds)[number]

const notify = z.strictObject({
  /** Rooms as `<network>:<room>`. */
  rooms: z.array(z.string().regex(/^[^:]+:.+$/, 'write rooms as "<network>:<room>"')).default([]),
  /** What they are told of: all of it, where it is missing. */
  kinds: z.array(z.enum(noticeKinds)).default([...noticeKinds]),
})

const http = z.strictObject({
  /** Of this machine alone. 0 is any that is free; where it is missing, the first from 3000 on. */
  port: z.number().int().min(0).max(65_535).optional(),
})

const chatAgent = z.strictObject({
  /** Where the program is, if not in PATH. */
  command: z.string().min(1).optional(),
  model: z.string().min(1).optional(),
})

/** The schema of `.huskies/bot.toml`. */
export const botSettings = z.strictObject({
  name: z.string().min(1).default('Huskies'),
  access: access.prefault({}),
  notify: notify.prefault({}),
  /** Whether notices that come close together are told in one message. */
  aggregated_notifications_enabled: z.boolean().default(true),
  /** So long after a notice, those that follow are kept back to be told together. */
  aggregated_notifications_poll_interval_secs: z.number().positive().default(5),
  coalesce_window_ms: milliseconds.default(1500),
  coalesce_max_ms: milliseconds.default(10_000),
  max_chat_runs: z.number().int().positive().default(4),
  /** How long a question for a permission waits; then it is a no. */
  permission_timeout_secs: z.number().int().positive().default(120),
  http: http.prefault({}),
  /** How long the texts of the chat are kept, and what agents have printed. */
  retention_days: z.number().int().positive().default(30),
  /** The program that answers free text, and its arguments. */
  chat_command: z.tuple([z.string()], z.string()).optional(),
  /** Claude Code, where it answers free text. */
  chat_agent: chatAgent.prefault({}),
  git_user_name: z.string().min(1).optional(),
  git_user_email: z.string().min(1).optional(),
})

/** The chat side's settings, with every default filled in. */
export type BotSettings = z.infer<typeof botSettings>
