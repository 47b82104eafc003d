import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  mkdirSync,
  mkdtempDisposableSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { cleanEnvironment, Program, run } from '../../support/program.ts'
import { ScreenOf } from '../../support/screen.ts'
import { TelegramServer } from '../../support/telegram/telegram-server.ts'

const huskies = new URL('../../../bin/huskies.js', import.meta.url)

/** An empty repository of somebody's, and Telegram. */
async function begin() {
  const folder = mkdtempDisposableSync(join(tmpdir(), 'setup-'))
  const server = await TelegramServer.start()
  onTestFinished(async () => {
    await server[Symbol.asyncDispose]()
    folder[Symbol.dispose]()
  })
  const cwd = join(folder.path, 'shop')
  mkdirSync(cwd)
  const env = cleanEnvironment(folder.path)
  const git = (...args: string[]) => execFileSync('git', args, { cwd, env })
  git('init', '--quiet', '--initial-branch=main')
  git('config', 'user.name', 'Anna')
  git('config', 'user.email', 'anna@example.org')
  git('commit', '--quiet', '--allow-empty', '-m', 'First')
  const screen = (...args: string[]) =>
    new ScreenOf(huskies, { args, cwd, env, columns: 100, rows: 40 })
  return { cwd, server, screen, settings: join(cwd, '.huskies') }
}

test('a newcomer is asked for the network and its token, which is tried, kept apart, and works at once', async () => {
  const { cwd, server, screen, settings } = await begin()
  {
    await using asking = screen('init', '--server', server.url)
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

  const program = new Program(['start'], { cwd })
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
  const { cwd, server, screen } = await begin()
  await run(['init'], { cwd })
  {
    await using asking = screen('init', 'telegram', '--server', server.url)
    await asking.shows(/The token:/)
    asking.type(`${server.token}\r`)
    await asking.shows(/Telegram knows the bot as @HuskiesBot/)
  }
  await using again = screen('init', 'telegram')
  await again.shows(/bot\.toml has a table \[telegram\] already/)
})

test('who leaves in the middle has a project, and no half of a network', async () => {
  const { screen, settings } = await begin()
  await using asking = screen('init', 'telegram')
  await asking.shows(/The token:/)
  asking.type('\x03')
  await asking.shows(/Nothing more was asked/)
  expect(readFileSync(join(settings, 'bot.toml'), 'utf8')).not.toMatch(/^\[telegram\]/m)
})

test('the doctor says what is wrong and how to mend it, until nothing is', async () => {
  const { cwd, server, settings } = await begin()
  expect(await run(['doctor'], { cwd })).toMatchObject({
    code: 1,
    output: expect.stringContaining('✖ Project: There is none here: run huskies init'),
  })
  await run(['init'], { cwd })
  const bot = join(settings, 'bot.toml')
  const before = readFileSync(bot, 'utf8')
  writeFileSync(bot, `${before}\n[telegram]\ntoken_file = "token"\napi_root = "${server.url}"\n`)
  const token = join(settings, 'token')
  writeFileSync(token, '777:wrong', { mode: 0o644 })
  chmodSync(token, 0o644)
  const sick = await run(['doctor'], { cwd })
  expect(sick.code).toBe(1)
  expect(sick.output).toContain('✖ Agents: There is none: name one with [[agent]] in project.toml.')
  expect(sick.output).toContain(`✖ Telegram: Others can read ${token} too: run chmod 600 ${token}.`)
  expect(sick.output).toContain('2 things are wrong.')

  chmodSync(token, 0o600)
  const refused = await run(['doctor'], { cwd })
  expect(refused.output).toContain('✖ Telegram: Telegram does not accept the token')
  expect(refused.output).not.toContain('777:wrong')

  writeFileSync(token, server.token)
  const agent = '\n[[agent]]\nname = "coder-1"\ncommand = ["script/agent"]\n'
  const project = join(settings, 'project.toml')
  writeFileSync(project, readFileSync(project, 'utf8') + agent)
  expect((await run(['doctor'], { cwd })).output).toContain('✖ Agent coder-1: Cannot start')
  mkdirSync(join(cwd, 'script'))
  writeFileSync(join(cwd, 'script', 'agent'), '#!/bin/sh\n', { mode: 0o755 })
  const well = await run(['doctor'], { cwd })
  expect(well).toMatchObject({ code: 0, errors: '' })
  expect(well.output).toContain('✔ Telegram: the bot is @HuskiesBot')
  expect(well.output).toContain('Nothing is wrong.')

  await server.goDown()
  expect((await run(['doctor'], { cwd })).output).toContain(
    '✖ Telegram: Telegram cannot be reached (ECONNREFUSED).',
  )
}, 120_000)
