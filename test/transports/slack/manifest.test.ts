import { expect, test } from 'vitest'
import { slackManifest } from '../../../src/transports/slack/manifest.ts'

test('the manifest asks for what the transport uses, within the lengths that Slack takes', () => {
  const { display_information: shown, features, oauth_config: oauth, settings } = slackManifest
  expect(shown.name.length).toBeLessThanOrEqual(35)
  expect(shown.description.length).toBeLessThanOrEqual(140)
  expect(features.slash_commands.map(({ command }) => command)).toEqual(['/huskies'])
  // Each kind of message that is told of can also be read from the history.
  for (const event of settings.event_subscriptions.bot_events) {
    const kind = /^message\.(\w+)$/.exec(event)?.[1]
    if (kind) expect(oauth.scopes.bot).toContain(`${kind}:history`)
  }
  expect(settings).toMatchObject({
    socket_mode_enabled: true,
    interactivity: { is_enabled: true },
  })
})
