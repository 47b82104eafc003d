import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { CommandChatRun } from '../../../src/agents/chat/command-chat-run.ts'
import type { ChatBatch } from '../../../src/bot/chat-run.ts'
import { systemClock } from '../../../src/kernel/clock.ts'
import { HostFixture, ownPath } from '../../support/process-host.ts'
import { until } from '../../support/until.ts'

const batch: ChatBatch = {
  session: 'terminal/main',
  place: { transport: 'terminal', room: 'main' },
  text: "What's $HOME?",
  askers: [{ id: 'terminal:anna', name: 'Anna' }],
  role: 'admin',
  entry: 1,
  interrupted: false,
}

class Conversation {
  readonly at = new HostFixture()
  readonly said: string[] = []
  readonly stop = new AbortController()

  run(source: string, more: Partial<ChatBatch> = {}, limitMs = 60_000): Promise<void> {
    const command = ['sh', '-c', source] as const
    const { host, folder: cwd } = this.at
    const common = { clock: systemClock, random: Math.random, limitMs }
    const chat = new CommandChatRun({ host, command, cwd, env: ownPath, ...common })
    const say = (text: string) => void this.said.push(text)
    return chat.run({ ...batch, ...more }, say, this.stop.signal)
  }

  /** What runs are left, living or as files. */
  async left(): Promise<readonly string[]> {
    return [...(await this.at.host.living()), ...this.at.host.stored()]
  }
}

test('a command answers on standard output, paragraph by paragraph, and leaves nothing', async () => {
  const talk = new Conversation()
  await talk.run('cat; echo; echo "$HUSKIES_CHAT_SESSION $HUSKIES_CHAT_INTERRUPTED"; echo no >&2')
  expect(talk.said).toEqual(["What's $HOME?", 'terminal/main 0'])
  expect(await talk.left()).toEqual([])
})

test('a command is told that its last answer was cut off', async () => {
  const talk = new Conversation()
  await talk.run('echo "$HUSKIES_CHAT_INTERRUPTED"', { interrupted: true })
  expect(talk.said).toEqual(['1'])
})

test('a paragraph is said before the answer is complete', async () => {
  const talk = new Conversation()
  const run = talk.run('echo one; echo; until [ -e go ]; do sleep 0.01; done; echo two')
  await until(() => talk.said.length > 0, 'the first paragraph is said')
  expect(talk.said).toEqual(['one'])
  const go = await talk.at.host.start('go', talk.at.script(': > go'))
  await talk.at.ended('go', go)
  await run
  expect(talk.said).toEqual(['one', 'two'])
})

test('stop ends the command with its whole tree, and nothing more is said', async () => {
  const talk = new Conversation()
  const source =
    "trap '' TERM; setsid sleep 1000 & env -i sleep 1000 & echo a; echo; : > up; sleep 1000"
  const run = talk.run(source)
  await until(() => talk.at.has('up') && talk.at.sleeping().length === 3, 'the tree is up')
  await until(() => talk.said.length > 0, 'something is said')
  talk.stop.abort()
  await run
  expect(talk.said).toEqual(['a'])
  expect(talk.at.sleeping()).toEqual([])
  expect(await talk.left()).toEqual([])
})

test('what a finished command left in the background is ended', async () => {
  const talk = new Conversation()
  await talk.run('setsid sleep 1000 & echo done')
  expect(talk.said).toEqual(['done'])
  expect(talk.at.sleeping()).toEqual([])
})

test('nothing is started when the answer is not wanted any more', async () => {
  const talk = new Conversation()
  talk.stop.abort()
  await talk.run(': > up')
  expect(talk.at.has('up')).toBe(false)
})

test.each([
  ['that fails without a word', 'echo reason >&2; exit 3', 60_000, 'chat-silent', []],
  ['that ends without a word', 'true', 60_000, 'chat-silent', []],
  ['that takes too long', 'echo a; echo; echo b; sleep 1000', 150, 'chat-too-slow', ['a', 'b']],
])('a command %s is a problem', async (_title, source, limitMs, code, said) => {
  const talk = new Conversation()
  await expect(talk.run(source, {}, limitMs)).rejects.toMatchObject({ code })
  expect(talk.said).toEqual(said)
  expect(await talk.left()).toEqual([])
})

test('a command that never stops talking is cut off', async () => {
  const talk = new Conversation()
  await expect(talk.run('yes')).rejects.toMatchObject({ code: 'chat-too-long' })
  expect(await talk.left()).toEqual([])
})

test('a command that fails after it has answered has answered', async () => {
  const talk = new Conversation()
  await talk.run('echo answer; exit 1')
  expect(talk.said).toEqual(['answer'])
})

test('a command is ended also when what it says cannot be stored', async () => {
  const talk = new Conversation()
  talk.said.push = () => {
    throw new Error('the disk is full')
  }
  await expect(talk.run('echo a; echo; sleep 1000')).rejects.toThrow('the disk is full')
  expect(talk.at.sleeping()).toEqual([])
  expect(await talk.left()).toEqual([])
})

test('a run of the chat can be told from others by its id, should it be left by a crash', async () => {
  const talk = new Conversation()
  const run = talk.run('until [ -e go ]; do sleep 0.01; done; echo x')
  const [id = ''] = await talk.left()
  expect(id).toMatch(/^c_[a-z0-9]+$/)
  expect(readFileSync(join(talk.at.runsDirectory, id, 'stdin'), 'utf8')).toBe(`${batch.text}\n`)
  talk.stop.abort()
  await run
})
