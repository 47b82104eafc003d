/** What Slack calls the permissions of the app; each is used by one of its powers. */
export const scopes = [
  ...['app_mentions:read', 'assistant:write', 'chat:write', 'chat:write.public', 'commands'],
  ...['channels:history', 'groups:history', 'im:history', 'mpim:history'],
  ...['channels:read', 'groups:read', 'im:read', 'mpim:read'],
  ...['files:write', 'reactions:read', 'reactions:write', 'users:read'],
]

const events = [
  ...['app_mention', 'message.channels', 'message.groups', 'message.im', 'message.mpim'],
  ...['tokens_revoked', 'app_uninstalled'],
]

/** What an app is made from at Slack, so that it may do what the transport does, and nothing else. */
export const slackManifest = {
  display_information: {
    name: 'Huskies',
    description: 'From a sentence in a chat to a merged commit',
  },
  features: {
    app_home: { messages_tab_enabled: true, messages_tab_read_only_enabled: false },
    bot_user: { display_name: 'Huskies', always_online: true },
    slash_commands: [
      {
        command: '/huskies',
        description: 'Any command of the bot',
        usage_hint: 'status, or help for all of them',
        should_escape: false,
      },
    ],
  },
  oauth_config: { scopes: { bot: scopes } },
  settings: {
    event_subscriptions: { bot_events: events },
    interactivity: { is_enabled: true },
    org_deploy_enabled: false,
    socket_mode_enabled: true,
    token_rotation_enabled: false,
  },
}
