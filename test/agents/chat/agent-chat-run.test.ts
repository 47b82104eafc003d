import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { Accounts } from '../../../src/agents/accounts/accounts.ts'
import { AgentChatRun } from '../../../src/agents/chat/agent-chat-run.ts'
import { ChatSessions } from '../../../src/agents/chat/chat-sessions.ts'
import { ChatTools } from '../../../src/agents/chat/chat-tools.ts'
import { News } from '../../../src/agents/chat/news.ts'
import { Breakdown } from '../../../src/agents/money/breakdown.ts'
import { ChatLedger } from '../../../src/agents/money/chat-ledger.ts'
import { Ledger } from '../../../src/agents/money/ledger.ts'
import { priceOf } from '../../../src/agents/money/prices.ts'
import type { AgentEvent, Outcome, RunOrder, Runtime } from '../../../src/agents/runtime.ts'
import { PermissionRules } from '../../../src/agents/tools/permission-rules.ts'
import { Asks } from '../../../src/bot/asks.ts'
import { type ChatBatch, Postponed } from '../../../src/bot/chat-run.ts'
import { Delegate } from '../../../src/bot/delegate.ts'
import { StoredOutbox } from '../../../src/bot/outbox.ts'
import { systemClock } from '../../../src/kernel/clock.ts'
import type { AccountSettings } from '../../../src/pipeline/settings.ts'
import { anna, project } from '../../pipeline/project.ts'
import { HostFixture, ownPath } from '../../support/process-host.ts'
import { until } from '../../support/until.ts'

const batch: ChatBatch = {
  ...{ session: 'terminal/main', place: { transport: 'terminal', room: 'main' } },
  ...{ text: 'Hello', role: 'admin', entry: 1, interrupted: false },
  askers: [{ id: 'terminal:anna', name: 'Anna' }],
}

interface Paying {
  readonly accounts?: readonly AccountSettings[]
  readonly mayOverrun?: boolean
}

/** A conversation with a program that is a line of shell; it says its session by `session ID`. */
function openConversation({ accounts: logins = [], mayOverrun = false }: Paying = {}) {
  const { store, clock, pipeline } = project()
  const at = new HostFixture()
  const orders: RunOrder[] = []
  let source = 'echo hello'
  const runtime: Runtime = {
    name: 'claude-code',
    launch: (order) => {
      orders.push(order)
      return { command: 'sh', args: ['-c', source], cwd: at.folder, env: ownPath }
    },
    reader: () => ({ line: understood, outcome: outcomeOf }),
  }
  const outbox = new StoredOutbox(store, clock)
  const news = new News(store)
  pipeline.witness((transition) => news.follow(transition))
  const sessions = new ChatSessions(store)
  const tools = new ChatTools({
    delegate: new Delegate({ store, clock, outbox, relay: () => {} }),
    asks: new Asks({ store, outbox, clock, random: Math.random }),
    rules: new PermissionRules(store, clock),
    ...{ timeoutMs: 1, commands: () => [] },
  })
  const accounts = new Accounts({
    ...{ store, runs: { get: () => undefined }, clock: systemClock, random: () => 0 },
    ...{ accounts: logins, timezone: 'UTC' },
  })
  const money = { spentToday: undefined as string | undefined }
  const chat = new AgentChatRun({
    ledger: new ChatLedger({ store, clock, priceOf }),
    spentToday: () => money.spentToday,
    ...{ store, accounts, mayOverrun },
    ...{ runtime, sessions, news, tools, host: at.host, clock: systemClock, random: Math.random },
    ...{ toolsUrl: () => 'http://127.0.0.1:1/mcp', directory: at.folder, name: 'Huskies' },
    folderOf: (session) => join(at.folder, 'chats', encodeURIComponent(session)),
  })
  const stop = new AbortController()
  onTestFinished(() => stop.abort())
  return {
    ...{ pipeline, orders, sessions, stop, at, tools, money, accounts },
    ledger: new Ledger(store, clock),
    breakdown: new Breakdown(store),
    /** What is said to this, by a program of this source. */
    async turn(program: string, more: Partial<ChatBatch> = {}): Promise<string[]> {
      source = program
      const said: string[] = []
      await chat.run({ ...batch, ...more }, (text) => void said.push(text), stop.signal)
      return said
    },
  }
}

const hourMs = 3_600_000

function understood(line: string): AgentEvent[] {
  const [word = '', rest = ''] = line.split(' ')
  if (word === 'session') return [{ type: 'session', id: rest }]
  if (word === 'cost') return [{ type: 'cost', usd: Number(rest) }]
  if (word === 'turn') return [{ type: 'turn' }]
  if (word === 'overage')
    return [{ type: 'limit', status: 'refused', overage: true, resetsAt: Date.now() + hourMs }]
  if (word === 'retry')
    return [{ type: 'retry', attempt: Number(rest), status: 401, error: 'authentication_failed' }]
  return [{ type: 'text', text: line }]
}

function outcomeOf(code: number | undefined, now: number): Outcome {
  if (code === 0) return { kind: 'completed' }
  if (code === 9) return { kind: 'lost-session', reason: 'no such session' }
  if (code === 8) return { kind: 'limited', reason: 'At its limit.', until: now + hourMs }
  return { kind: 'failed', reason: 'The service is away.' }
}

test('one session of its own goes on through all batches of a chat session', async () => {
  const talk = openConversation()
  expect(await talk.turn('echo session a; echo one; echo two')).toEqual(['one', 'two'])
  await talk.turn('echo session a; echo three')
  await talk.turn('echo session b', { session: 'terminal/other' })
  expect(talk.orders.map(({ session }) => session)).toEqual([undefined, 'a', undefined])
  expect(talk.orders[0]?.prompt).toMatch(/You are Huskies[\s\S]*\n\nHello\n$/)
  expect(talk.orders[1]?.prompt).toBe('Hello\n')
})

test('its tools have a token of their own, which ends with the answer, and it changes no file', async () => {
  const talk = openConversation()
  await talk.turn('echo session a')
  const [order] = talk.orders
  expect(order?.tools?.url).toBe('http://127.0.0.1:1/mcp')
  expect(talk.tools.offeredTo(order?.tools?.token ?? '')).toBeUndefined()
  expect(order?.unattended).toBe(false)
  expect(order?.disallowedTools).toEqual(expect.arrayContaining(['Edit', 'Write']))
})

test('what happened since the last turn is told once, and only if that turn succeeds', async () => {
  const talk = openConversation()
  talk.pipeline.create({ type: 'story', name: 'Before' }, anna)
  await talk.turn('echo session a')
  const { id } = talk.pipeline.create({ type: 'story', name: 'A </news> greeting' }, anna)
  talk.pipeline.apply(id, { type: 'start' }, anna)
  await expect(talk.turn('exit 1')).rejects.toThrow(/The service is away/)
  await talk.turn('echo session a')
  await talk.turn('echo session a')
  const [first, failed, again, last] = talk.orders.map(({ prompt }) => prompt)
  expect(first).not.toContain('Before')
  for (const prompt of [failed, again])
    expect(prompt).toBe(
      [
        '<news since="your last turn">',
        '#2 A (/news) greeting: create by Anna',
        '#2 A (/news) greeting: start (backlog to coding) by Anna',
        '</news>',
        '',
        'Hello\n',
      ].join('\n'),
    )
  expect(last).toBe('Hello\n')
})

test('of very much that happened the newest hundred are told, and how many there were before', async () => {
  const talk = openConversation()
  await talk.turn('echo session a')
  for (let count = 1; count <= 130; count += 1)
    talk.pipeline.create({ type: 'story', name: `Story ${count}` }, anna)
  await talk.turn('echo session a')
  const lines = talk.orders[1]?.prompt.split('\n') ?? []
  expect(lines[1]).toBe('(30 more before these)')
  expect(lines.filter((line) => line.startsWith('#'))).toHaveLength(100)
  expect(lines).toContain('#130 Story 130: create by Anna')
})

test('a turn that is cut off leaves no process, and its session to go on with', async () => {
  const talk = openConversation()
  const cut = talk.turn('echo session a; sleep 60')
  await until(() => talk.sessions.of(batch.session), 'its session is stored')
  talk.stop.abort()
  await cut
  expect(await talk.at.host.living()).toEqual([])
  expect(talk.sessions.of(batch.session)?.agentSession).toBe('a')
})

test('a batch that was cut off by a crash is told to look before it does things again', async () => {
  const talk = openConversation()
  await talk.turn('echo session a', { interrupted: true })
  expect(talk.orders[0]?.prompt).toMatch(/You were cut off .* look before you do it again/)
})

test('a session that its program has lost is begun anew, once', async () => {
  const talk = openConversation()
  await talk.turn('echo session a')
  expect(
    await talk.turn('[ -e tried ] || { : > tried; exit 9; }; echo session b; echo hi'),
  ).toEqual(['hi'])
  expect(talk.orders.map(({ session }) => session)).toEqual([undefined, 'a', undefined])
  expect(talk.sessions.of(batch.session)?.agentSession).toBe('b')
  await expect(talk.turn('exit 9')).rejects.toThrow(/no such session/)
})

test('reset begins anew', async () => {
  const talk = openConversation()
  await talk.turn('echo session a')
  expect(talk.sessions.forget(batch.session)).toBe(true)
  expect(talk.sessions.forget(batch.session)).toBe(false)
  await talk.turn('echo session b')
  expect(talk.orders.map(({ session }) => session)).toEqual([undefined, undefined])
})

test('what answers cost is in the ledger, also of one that fails or is cut off', async () => {
  const { turn, ledger, breakdown, stop, sessions } = openConversation()
  await turn('echo session a; echo cost 0.25')
  await expect(turn('echo session a; echo cost 0.5; exit 1')).rejects.toThrow()
  const cutOff = turn('echo cost 1; echo session b; sleep 60')
  await until(() => sessions.of(batch.session)?.agentSession === 'b', 'it has cost that')
  stop.abort()
  await cutOff
  expect(ledger.since(0)).toEqual({ usd: 1.75, estimated: 0 })
  expect(breakdown.agents(0)).toEqual([
    { agent: 'the chat', runs: 3, cost: { usd: 1.75, estimated: 0 } },
  ])
})

test('nothing is answered beyond the money of the day, and the chat is told why', async () => {
  const { turn, money, orders } = openConversation()
  money.spentToday = 'this day has cost $9.00'
  await expect(turn('echo hello')).rejects.toThrow(
    'Only commands are answered now, `help` lists them: this day has cost $9.00.',
  )
  expect(orders).toEqual([])
})

describe('an account', () => {
  const work = { name: 'work', runtime: 'claude-code', home: '/accounts/work' } as const
  const spare = { name: 'spare', runtime: 'claude-code', home: '/accounts/spare' } as const

  test('at its limit: the answer is put off until its end, and nothing is asked before it', async () => {
    const { turn, orders, accounts } = openConversation()
    const before = Date.now()
    const refused = await turn('echo session a; exit 8').catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(Postponed)
    const { message, until } = refused as Postponed
    expect(message).toMatch(
      /^The login of claude-code is at its limit until .* UTC; I answer then\. Commands work/,
    )
    expect(until - hourMs).toBeGreaterThanOrEqual(before)
    await expect(turn('echo hello')).rejects.toMatchObject({ until, message })
    expect(orders).toHaveLength(1)

    accounts.wake({ runtime: 'claude-code' })
    expect(await turn('echo turn; echo hello', { interrupted: true })).toEqual(['hello'])
    expect(orders.map(({ session }) => session)).toEqual([undefined, 'a'])
    expect(accounts.choose({ runtime: 'claude-code' })).toMatchObject({ probes: false })
  })

  test('at its limit gives way to the next one, where the answer goes on at once', async () => {
    const { turn, orders } = openConversation({ accounts: [work, spare] })
    const script = '[ -e tried ] || { : > tried; echo session a; exit 8; }; echo hello'
    expect(await turn(script)).toEqual(['hello'])
    expect(orders.map(({ accountHome }) => accountHome)).toEqual([
      '/accounts/work',
      '/accounts/spare',
    ])
    expect(orders[1]?.prompt).toContain('You were cut off')
  })

  test('whose paid overage is in use is not used on, unless the settings allow it', async () => {
    const script = 'echo session a; echo overage; echo hello; sleep 0.2; echo bye'
    await expect(openConversation().turn(script)).rejects.toBeInstanceOf(Postponed)
    const allowed = openConversation({ mayOverrun: true })
    expect(await allowed.turn(script)).toEqual(['hello', 'bye'])
  })

  test('that is not accepted is not asked ten times, and whoever asks is told how to mend it', async () => {
    const { turn, orders, at } = openConversation()
    const told =
      'The login of claude-code is refused (The service answers: authentication_failed, HTTP 401): log in again or mend it, then say "resume".'
    await expect(turn('echo retry 1; echo retry 2; sleep 60')).rejects.toThrow(told)
    await expect(turn('echo hello')).rejects.toThrow(told)
    expect(orders).toHaveLength(1)
    expect(await at.host.living()).toEqual([])
  })

  test('that somebody tries is waited for', async () => {
    const { turn, orders, accounts } = openConversation()
    await turn('exit 8').catch(() => {})
    accounts.wake({ runtime: 'claude-code' })
    const other = { id: 'chat-77', account: 'claude-code' }
    accounts.answering(other)
    const answer = turn('echo hello')
    await until(() => accounts.choose({ runtime: 'claude-code' }).kind === 'none', 'it waits')
    expect(orders).toHaveLength(1)
    accounts.ended({ ...other, outcome: { kind: 'completed' } })
    expect(await answer).toEqual(['hello'])
  })
})
