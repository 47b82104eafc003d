import type { Command } from '../../bot/command.ts'
import { shortUsageOf } from '../../bot/usage.ts'

/** What Slack calls the permissions of the app; each is used by one of its powers. */
export const scopes = [
  ...['app_mentions:read', 'chat:write', 'chat:write.public', 'commands'],
  ...['channels:history', 'groups:history', 'im:history', 'mpim:history'],
  ...['channels:read', 'groups:read', 'im:read', 'mpim:read', 'im:write'],
  ...['files:read', 'files:write', 'metadata.message:read', 'reactions:read', 'reactions:write'],
  'users:read',
]

const events = [
  ...['app_mention', 'message.channels', 'message.groups', 'message.im', 'message.mpim'],
  ...['channel_id_changed', 'tokens_revoked', 'app_uninstalled'],
]

/** The longest that Slack shows beside the slash command. */
const longestHint = 1000

/**
 * What an app is made from at Slack, so that it may do what the transport does, and nothing else. With
 * an address Slack calls that, instead of waiting for a connection (Socket Mode).
 */
export function slackManifest(commands: readonly Pick<Command, 'name' | 'input'>[], url?: string) {
  return {
    display_information: {
      name: 'Huskies',
      description: 'From a sentence in a chat to a merged commit',
    },
    features: {
      app_home: { messages_tab_enabled: true, messages_tab_read_only_enabled: false },
      bot_user: { display_name: 'Huskies', always_online: true },
      shortcuts: [
        {
          name: 'New work item',
          type: 'global',
          callback_id: 'create',
          description: 'Put a work item into the backlog',
        },
      ],
      slash_commands: [
        {
          command: '/huskies',
          description: 'Any command of the bot',
          usage_hint: hintOf(commands),
          should_escape: false,
          ...(url && { url }),
        },
      ],
    },
    oauth_config: { scopes: { bot: scopes } },
    settings: {
      event_subscriptions: { ...(url && { request_url: url }), bot_events: events },
      interactivity: { is_enabled: true, ...(url && { request_url: url }) },
      org_deploy_enabled: true,
      socket_mode_enabled: url === undefined,
      token_rotation_enabled: false,
    },
  }
}

/** How every command is typed; where that is too long, the longest are only named. */
function hintOf(commands: readonly Pick<Command, 'name' | 'input'>[]): string {
  const hints = commands.map((command) => ({ name: command.name, usage: shortUsageOf(command) }))
  const shown = new Map(hints.map(({ name, usage }) => [name, usage]))
  const hint = () => [...shown.values()].join(' | ')
  for (const { name } of hints.toSorted((one, other) => other.usage.length - one.usage.length))
    if (hint().length > longestHint) shown.set(name, name)
  return hint()
}
