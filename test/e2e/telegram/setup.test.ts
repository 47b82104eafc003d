import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { TelegramServer } from '../../support/telegram/telegram-server.ts'
import { Workplace } from '../../support/workplace.ts'

/** An empty repository of somebody's, and Telegram. */
async function begin() {
  const place = new Workplace({ desk: 'shop', project: 'shop' })
  place.makeRepository({})
  const server = await TelegramServer.start()
  onTestFinished(() => server[Symbol.asyncDispose]())
  return { place, server, settings: join(place.project, '.huskies') }
}

test('a newcomer is asked for the network and its token, which is tried, kept apart, and works at once', async () => {
  const { place, server, settings } = await begin()
  {
    await using asking = place.open(['init', '--server', server.url])
    await asking.shows(/One of them, or nothing:/)
    asking.type('Telegram\r')
    await asking.shows(/The token:/)
    asking.type('777:wrong\r')
    await asking.shows(/Telegram does not accept the token/)
    expect(readFileSync(join(settings, 'bot.toml'), 'utf8')).not.toMatch(/^\[telegram\]/m)
    asking.type(`${server.token}\r`)
    await asking.shows(/Telegram knows the bot as @HuskiesBot/)
    expect(asking.raw).not.toContain(server.token)
  }
  const secret = join(settings, 'state', 'secrets', 'telegram-token')
  expect(readFileSync(secret, 'utf8').trim()).toBe(server.token)
  expect(statSync(secret).mode & 0o777).toBe(0o600)
  const written = readFileSync(join(settings, 'bot.toml'), 'utf8')
  expect(written).toContain('[telegram]\ntoken_file = "state/secrets/telegram-token"')
  expect(written).not.toContain(server.token)

  const program = place.start(['start'])
  const anna = server.chats.person('Anna')
  const said = () => server.chats.in(anna.id).filter(({ from }) => from.is_bot)
  const eventually = (look: () => void) => vi.waitFor(look, { timeout: 30_000, interval: 20 })
  server.says(anna, '/start')
  await eventually(() => expect(said()).toHaveLength(1))
  const code = /admit (\S+?)[.\s]/.exec(said()[0]?.text ?? '')?.[1]
  program.say(`admit ${code} admin`)
  await eventually(() => expect(said().at(-1)?.text).toContain('You are let in'))
  server.says(anna, 'whoami')
  await eventually(() => expect(said().at(-1)?.text).toContain('with the role admin'))
  program.child.kill('SIGTERM')
  await program.ended
}, 120_000)

test('a project that there is already is connected by the network’s name, once', async () => {
  const { place, server } = await begin()
  await place.run(['init'])
  {
    await using asking = place.open(['init', 'telegram', '--server', server.url])
    await asking.shows(/The token:/)
    asking.type(`${server.token}\r`)
    await asking.shows(/Telegram knows the bot as @HuskiesBot/)
  }
  await using again = place.open(['init', 'telegram'])
  await again.shows(/bot\.toml has a table \[telegram\] already/)
})

test('who leaves in the middle has a project, and no half of a network', async () => {
  const { place, settings } = await begin()
  await using asking = place.open(['init', 'telegram'])
  await asking.shows(/The token:/)
  asking.type('\x03')
  await asking.shows(/Nothing more was asked/)
  expect(readFileSync(join(settings, 'bot.toml'), 'utf8')).not.toMatch(/^\[telegram\]/m)
})

test('the doctor says what is wrong and how to mend it, until nothing is', async () => {
  const { place, server, settings } = await begin()
  expect(await place.run(['doctor'])).toMatchObject({
    code: 1,
    output: expect.stringContaining('✖ Project: There is none here: run huskies init'),
  })
  await place.run(['init'])
  const bot = join(settings, 'bot.toml')
  const before = readFileSync(bot, 'utf8')
  writeFileSync(bot, `${before}\n[telegram]\ntoken_file = "token"\napi_root = "${server.url}"\n`)
  const token = join(settings, 'token')
  writeFileSync(token, '777:wrong', { mode: 0o644 })
  chmodSync(token, 0o644)
  const sick = await place.run(['doctor'])
  expect(sick.code).toBe(1)
  expect(sick.output).toContain('✖ Agents: There is none: name one with [[agent]] in project.toml.')
  expect(sick.output).toContain(`✖ Telegram: Others can read ${token} too: run chmod 600 ${token}.`)
  expect(sick.output).toContain('2 things are wrong.')

  chmodSync(token, 0o600)
  const refused = await place.run(['doctor'])
  expect(refused.output).toContain('✖ Telegram: Telegram does not accept the token')
  expect(refused.output).not.toContain('777:wrong')

  writeFileSync(token, server.token)
  const agent = '\n[[agent]]\nname = "coder-1"\ncommand = ["script/agent"]\n'
  const project = join(settings, 'project.toml')
  writeFileSync(project, readFileSync(project, 'utf8') + agent)
  expect((await place.run(['doctor'])).output).toContain('✖ Agent coder-1: Cannot start')
  mkdirSync(join(place.project, 'script'))
  writeFileSync(join(place.project, 'script', 'agent'), '#!/bin/sh\n', { mode: 0o755 })
  const well = await place.run(['doctor'])
  expect(well).toMatchObject({ code: 0, errors: '' })
  expect(well.output).toContain('✔ Telegram: the bot is @HuskiesBot')
  expect(well.output).toContain('Nothing is wrong.')

  await server.goDown()
  expect((await place.run(['doctor'])).output).toContain(
    '✖ Telegram: Telegram cannot be reached (ECONNREFUSED).',
  )
}, 120_000)
