import { mkdirSync, mkdtempDisposableSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { makeSample } from '../../../src/projects/sample.ts'
import { cleanEnvironment, Program } from '../../support/program.ts'
import { onScreen } from '../../support/slack/conversations.ts'
import { SlackServer } from '../../support/slack/slack-server.ts'

const eventually = (look: () => void) => vi.waitFor(look, { timeout: 60_000, interval: 20 })

async function serve() {
  const folder = mkdtempDisposableSync(join(tmpdir(), 'slack-'))
  const server = await SlackServer.start()
  const anna = server.conversations.person('Anna')
  const direct = server.conversations.direct(anna)
  const team = server.conversations.channel('team', [anna])
  const root = join(folder.path, 'project')
  await makeSample(root, cleanEnvironment(folder.path))
  const secrets = join(folder.path, 'secrets')
  mkdirSync(secrets, { mode: 0o700 })
  for (const name of ['botToken', 'appToken'] as const)
    writeFileSync(join(secrets, name), `${server[name]}\n`, { mode: 0o600 })
  writeFileSync(
    join(root, '.huskies', 'bot.toml'),
    `[access]
members = ["slack:${anna.id}"]

[notify]
rooms = ["slack:${team.id}"]

[slack]
bot_token_file = "${join(secrets, 'botToken')}"
app_token_file = "${join(secrets, 'appToken')}"
api_root = "${server.url}"
`,
  )
  const start = () => new Program(['start'], { cwd: root })
  const world = { server, anna, direct, team, root, start, program: start() }
  return {
    ...world,
    world,
    async [Symbol.asyncDispose]() {
      world.program.child.kill('SIGTERM')
      await world.program.ended
      await server[Symbol.asyncDispose]()
      folder[Symbol.dispose]()
    },
  }
}

test('a person makes an item, has it started and sees it land, in a direct chat on Slack', async () => {
  await using story = await serve()
  const { server, anna, direct, team, root } = story
  const said = (channel = direct) =>
    server.conversations
      .in(channel)
      .filter(({ user }) => user.bot)
      .map(onScreen)
  await eventually(() => expect(server.socketMode.connections).toBe(2))
  server.says(anna, direct, 'story Add a greeting')
  await eventually(() => expect(said().at(-1)).toContain('Item 1 is in the backlog'))
  const shown = await server.types(anna, team, 'status')
  expect(shown).toMatchObject({ response_type: 'in_channel' })
  await eventually(() => expect(said(team).at(-1)).toContain('#1 Add a greeting'))
  server.says(anna, direct, 'when 1 done: status 1')
  server.says(anna, direct, 'start 1')
  await eventually(() => expect(said().at(-1)).toMatch(/^#1 Add a greeting.*done/s))
  const log = readFileSync(join(root, '.huskies', 'state', 'huskies.log'), 'utf8')
  for (const secret of [server.botToken, server.appToken]) expect(log).not.toContain(secret)
})

test('a form makes an item, a button ends its review, and what is about a person only they see', async () => {
  await using story = await serve()
  const { server, anna, direct, team } = story
  await eventually(() => expect(server.socketMode.connections).toBe(2))
  await server.types(anna, team, 'whoami')
  await eventually(() => expect(server.asides.at(-1)?.text).toContain(`slack:${anna.id}`))
  await server.types(anna, direct, 'create')
  const [form] = server.views.open
  if (!form) throw new Error('There is no form on the screen.')
  await server.submits(anna, form, { type: 'story', title: 'Add a greeting', qa: 'human' })
  const said = () => server.conversations.in(direct).map(onScreen)
  await eventually(() => expect(said().at(-1)).toContain('Item 1 is in the backlog'))
  server.says(anna, direct, 'start 1')
  const held = () =>
    server.conversations.in(team).findLast((shown) => onScreen(shown).includes('[Approve 1]'))
  await eventually(() => expect(held()).toBeDefined())
  const message = held()
  if (message) server.presses(anna, message, 'Approve 1')
  await eventually(() =>
    expect(server.conversations.in(team).map(onScreen).join()).toContain('Item 1 is on main'),
  )
})

test('L59: a program that is killed loses nothing that is said to it on Slack, and says nothing twice', async () => {
  await using story = await serve()
  const { server, anna, direct, world } = story
  const answers = () =>
    server.conversations
      .in(direct)
      .filter(({ user }) => user.bot)
      .map(onScreen)
      .filter((text) => text.includes('is in the backlog'))
  await eventually(() => expect(server.socketMode.connections).toBe(2))
  const rounds = 2
  for (let round = 1; round <= rounds; round += 1) {
    // The message is taken, and nobody is told so.
    server.faults = [{ kind: 'cut-after', times: 1, method: 'chat.postMessage' }]
    server.says(anna, direct, `story Round ${round}`)
    if (round % 2 === 0) await eventually(() => expect(answers()).toHaveLength(2 * round - 1))
    world.program.child.kill('SIGKILL')
    await world.program.ended
    server.says(anna, direct, `story Away ${round}`)
    world.program = world.start()
    await eventually(() => expect(answers().length).toBeGreaterThanOrEqual(2 * round))
  }
  const numbers = answers().map((text) => Number(/Item (\d+)/.exec(text)?.[1]))
  expect(numbers).toEqual(Array.from({ length: 2 * rounds }, (_, index) => index + 1))
})
