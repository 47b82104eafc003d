import {
  appendFileSync,
  mkdirSync,
  mkdtempDisposableSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { makeSample } from '../../../src/projects/sample.ts'
import { cleanEnvironment, Program } from '../../support/program.ts'
import { TelegramServer } from '../../support/telegram/telegram-server.ts'

const eventually = (look: () => void) => vi.waitFor(look, { timeout: 60_000, interval: 20 })

async function serve() {
  const folder = mkdtempDisposableSync(join(tmpdir(), 'telegram-'))
  const server = await TelegramServer.start()
  const anna = server.chats.person('Anna')
  const root = join(folder.path, 'project')
  await makeSample(root, cleanEnvironment(folder.path))
  mkdirSync(join(folder.path, 'secrets'), { mode: 0o700 })
  const token = join(folder.path, 'secrets', 'token')
  writeFileSync(token, `${server.token}\n`, { mode: 0o600 })
  writeFileSync(
    join(root, '.huskies', 'bot.toml'),
    `[access]
members = ["telegram:${anna.id}"]

[telegram]
token_file = "${token}"
api_root = "${server.url}"
`,
  )
  let program = new Program(['start'], { cwd: root })
  return {
    ...{ server, anna, root },
    /** Starts it anew, with more in its bot.toml. */
    async restarted(further: string) {
      program.child.kill('SIGTERM')
      await program.ended
      appendFileSync(join(root, '.huskies', 'bot.toml'), further)
      program = new Program(['start'], { cwd: root })
    },
    async [Symbol.asyncDispose]() {
      program.child.kill('SIGTERM')
      await program.ended
      await server[Symbol.asyncDispose]()
      folder[Symbol.dispose]()
    },
  }
}

test('a person makes an item, has it started and sees it land, in a direct chat on Telegram', async () => {
  await using world = await serve()
  const { server, anna, root } = world
  const said = () => server.chats.in(anna.id).filter(({ from }) => from.is_bot)
  server.says(anna, 'story Add a greeting')
  await eventually(() => expect(said().at(-1)?.text).toContain('Item 1 is in the backlog'))
  server.says(anna, '/status')
  await eventually(() => expect(said().at(-1)?.text).toContain('#1 Add a greeting'))
  server.says(anna, 'when 1 done: status 1')
  server.says(anna, 'start 1')
  await eventually(() => expect(said().at(-1)?.text).toMatch(/^#1 Add a greeting.*done/s))
  expect(server.menu.commands.map(({ command }) => command)).toContain('status')
  expect(readFileSync(join(root, '.huskies', 'state', 'huskies.log'), 'utf8')).not.toContain(
    server.token,
  )
})

test('a file that a person sends with an item is found by whoever works on it', async () => {
  await using world = await serve()
  const { server, anna, root } = world
  const said = () => server.chats.in(anna.id).filter(({ from }) => from.is_bot)
  const file = { name: 'trace.log', content: 'line 1 failed' }
  server.says(anna, 'bug It crashes', { file })
  await eventually(() => expect(said().at(-1)?.text).toContain('Item 1 is in the backlog'))
  server.says(anna, 'show 1')
  await eventually(() => expect(said().at(-1)?.text).toMatch(/Attached: \S+1-trace\.log/))
  const path = /Attached: (\S+)/.exec(said().at(-1)?.text ?? '')?.[1] ?? ''
  expect(path.startsWith(join(root, '.huskies', 'state', 'files'))).toBe(true)
  expect(readFileSync(path, 'utf8')).toBe(file.content)
})

test('a group that has become a supergroup is told the news once, though bot.toml calls it by both ids', async () => {
  await using world = await serve()
  const { server, anna } = world
  const group = server.chats.group('The team', 'group')
  server.says(anna, 'story Add a greeting')
  const successor = server.migrates(group, anna)
  await eventually(() => expect(server.chats.in(anna.id)).toHaveLength(2))
  await world.restarted(`[notify]\nrooms = ["telegram:${group.id}", "telegram:${successor.id}"]\n`)
  server.says(anna, 'start 1')
  const told = () =>
    server.chats.in(successor.id).filter(({ text }) => text.includes('Item 1 is on main'))
  await eventually(() => expect(told()).toHaveLength(1))
  server.says(anna, 'status 1')
  await eventually(() => expect(server.chats.in(anna.id).at(-1)?.text).toContain('done'))
  expect(told()).toHaveLength(1)
})
