import { expect, test } from 'vitest'
import { describedCommands } from '../../../src/commands/all.ts'
import { scopes, slackManifest } from '../../../src/transports/slack/manifest.ts'

const commands = describedCommands()

test('the manifest asks for what the transport uses, within the lengths that Slack takes', () => {
  const {
    display_information: shown,
    features,
    oauth_config: oauth,
    settings,
  } = slackManifest(commands)
  expect(shown.name.length).toBeLessThanOrEqual(35)
  expect(shown.description.length).toBeLessThanOrEqual(140)
  for (const { name, description } of features.shortcuts) {
    expect(name.length).toBeLessThanOrEqual(24)
    expect(description.length).toBeLessThanOrEqual(150)
  }
  expect(features.slash_commands.map(({ command }) => command)).toEqual(['/huskies'])
  // Each kind of message that is told of can also be read from the history.
  for (const event of settings.event_subscriptions.bot_events) {
    const kind = /^message\.(\w+)$/.exec(event)?.[1]
    if (kind) expect(oauth.scopes.bot).toContain(`${kind}:history`)
  }
  expect(new Set(scopes).size).toBe(scopes.length)
  expect(settings).toMatchObject({
    socket_mode_enabled: true,
    interactivity: { is_enabled: true },
  })
})

test('beside the slash command stands how every command of the registry is typed', () => {
  const [slash] = slackManifest(commands).features.slash_commands
  const hints = slash?.usage_hint.split(' | ') ?? []
  expect(hints.map((hint) => hint.split(' ')[0])).toEqual(commands.map(({ name }) => name))
  expect(hints).toContain('reject N REASON')
  expect(slash?.usage_hint.length).toBeLessThanOrEqual(1000)
})

test('where that is too long for Slack, the longest are only named, and none is missing', () => {
  const twice = commands.flatMap((command) => [command, { ...command, name: `x-${command.name}` }])
  const hint = slackManifest(twice.slice(0, 80)).features.slash_commands[0]?.usage_hint ?? ''
  expect(hint.length).toBeLessThanOrEqual(1000)
  expect(hint.split(' | ').map((one) => one.split(' ')[0])).toEqual(
    twice.slice(0, 80).map(({ name }) => name),
  )
})

test('with an address, Slack is to send everything there', () => {
  const url = 'https://huskies.example.org/slack'
  const { settings, features } = slackManifest(commands, url)
  expect(settings).toMatchObject({
    socket_mode_enabled: false,
    event_subscriptions: { request_url: url },
    interactivity: { request_url: url },
  })
  expect(features.slash_commands[0]).toMatchObject({ url })
})
