import { expect, test } from 'vitest'
import { ChatTools } from '../../../src/agents/chat/chat-tools.ts'
import { PermissionRules } from '../../../src/agents/tools/permission-rules.ts'
import type { OfferedTool } from '../../../src/agents/tools/tool.ts'
import type { ChatBatch } from '../../../src/bot/chat-run.ts'
import type { Role } from '../../../src/bot/command.ts'
import { Delegate } from '../../../src/bot/delegate.ts'
import { openDesk } from '../../commands/desk.ts'
import { until } from '../../support/until.ts'

const place = { transport: 'terminal', room: 'main' }

function openChat(role: Role = 'admin') {
  const desk = openDesk()
  const { store, clock, asks, bot, outbox, commands } = desk
  const delegate = new Delegate({ store, clock, outbox, relay: (message) => bot.relay(message) })
  const rules = new PermissionRules(store, clock)
  const tools = new ChatTools({
    ...{ delegate, asks, rules, timeoutMs: 120_000, commands: () => commands },
  })
  const who = role === 'admin' ? 'anna' : 'vera'
  const batch: ChatBatch = {
    ...{ session: 'terminal/main', place, text: 'Hello', role, entry: 1, interrupted: false },
    askers: [{ id: `terminal:${who}`, name: role === 'admin' ? 'Anna' : 'Vera' }],
  }
  const { token, close } = tools.open(batch)
  const offered = () => tools.offeredTo(token) ?? []
  const call = (name: string, input: Record<string, unknown> = {}) =>
    tool(offered(), name).call(tool(offered(), name).input.parse(input), AbortSignal.timeout(9_000))
  return { ...desk, tools, token, close, offered, call }
}

function tool(offered: readonly OfferedTool[], name: string): OfferedTool {
  const found = offered.find((each) => each.name === name)
  if (!found) throw new Error(`no tool ${name}`)
  return found
}

test("the agent has this program's commands, and what it does is done in the asker's name", async () => {
  const { call, pipeline } = openChat()
  expect(await call('story', { title: 'Greet', body: 'Politely.' })).toMatch(/Item 1/)
  expect(pipeline.need(1)).toMatchObject({
    ...{ name: 'Greet', body: 'Politely.' },
    origin: { kind: 'person', id: 'terminal:anna', name: 'Anna' },
  })
  expect(await call('status')).toContain('Greet')
})

test("its rights are the asker's, and it gives nobody's answers", async () => {
  const names = openChat('viewer')
    .offered()
    .map(({ name }) => name)
  expect(names).toContain('status')
  for (const name of ['story', 'start', 'delete', 'permissions', 'answer'])
    expect(names).not.toContain(name)
  const admins = openChat()
    .offered()
    .map(({ name }) => name)
  expect(admins).toContain('delete')
  for (const name of ['answer', 'reset']) expect(admins).not.toContain(name)
})

test('whatever only admins may do is said by hand, or they are asked first', () => {
  const { commands, offered } = openChat()
  const admins = commands.filter(({ role }) => role === 'admin')
  const names = offered().map(({ name }) => name)
  expect(admins.map(({ name }) => name).filter((name) => names.includes(name))).toEqual(['delete'])
  expect(admins.length).toBeGreaterThan(1)
})

test('a command that is said by hand is not hidden in a trigger', async () => {
  const { call, triggers } = openChat()
  await call('story', { title: 'Greet' })
  const what = '#1 done: admit K7QF-29XM admin'
  await expect(call('when', { what })).rejects.toMatchObject({ code: 'by-hand' })
  expect(triggers.all()).toEqual([])
})

test('a confirmation goes to the person, never to the agent', async () => {
  const { call, pipeline, heard, answered, say } = openChat()
  await call('story', { title: 'Greet' })
  expect(await call('delete', { item: 1 })).toMatch(/Anna is asked in the chat/)
  await answered()
  expect(heard().at(-1)).toMatch(/Greet/)
  expect(pipeline.get(1)).toBeDefined()
  await say('yes')
  expect(pipeline.get(1)).toBeUndefined()
})

test('what a command refuses is told, and nothing has changed', async () => {
  const { call, pipeline } = openChat()
  await expect(call('start', { item: 9 })).rejects.toMatchObject({ code: 'no-such-item' })
  expect(pipeline.all()).toEqual([])
})

test('a tool that is not ours is asked for in the very chat', async () => {
  const { call, heard, say } = openChat()
  const answer = call('ask_permission', { tool_name: 'Bash', input: { command: 'ls' } })
  const text = await until(() => heard()[0], 'the chat is asked')
  expect(text).toContain('What answers you here, asks to use `Bash`')
  await say('yes')
  expect(JSON.parse(await answer)).toEqual({ behavior: 'allow', updatedInput: { command: 'ls' } })
})

test('a token is worth nothing once the answer is over', () => {
  const { tools, token, close } = openChat()
  expect(tools.offeredTo(token)).toBeDefined()
  close()
  expect(tools.offeredTo(token)).toBeUndefined()
  expect(tools.offeredTo('other')).toBeUndefined()
})
