import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Part } from '../../src/bot/message.ts'
import { silentLog } from '../../src/kernel/log.ts'
import { Supervisor } from '../../src/transports/supervisor.ts'
import {
  type Capabilities,
  ConnectionFailure,
  type Line,
  type Transport,
} from '../../src/transports/transport.ts'
import { FakeClock } from '../support/fake-clock.ts'

const capabilities: Capabilities = {
  ...{ edit: 'none', react: 'none', typing: 'none', choices: 'none', threads: 'none' },
  ...{ files: 'none', delete: 'none', longestText: 1000, idempotentSend: false },
  ...{ rates: () => [{ messages: 1, withinMs: 1000 }], overallRates: [], keepsMs: 60_000 },
}

/** A network whose connections do what the test says. */
class Net implements Transport {
  readonly name = 'net'
  readonly capabilities = capabilities
  readonly longestSilenceMs = 30_000
  readonly lines: { readonly line: Line; fail(error: Error): void; end(): void }[] = []
  readonly sent: string[] = []
  sending: ((signal: AbortSignal) => Promise<void>) | undefined

  identity() {
    return undefined
  }

  connect(line: Line): Promise<void> {
    return new Promise((end, fail) => {
      this.lines.push({ line, fail, end })
    })
  }

  parts(message: Part) {
    return [message]
  }

  async send({ id, text }: Part, signal: AbortSignal) {
    await this.sending?.(signal)
    this.sent.push(text)
    return { messageId: id }
  }

  get newest() {
    const newest = this.lines.at(-1)
    if (!newest) throw new Error('It has not connected.')
    return newest
  }
}

function supervised() {
  const clock = new FakeClock(1_000_000)
  const net = new Net()
  const told: string[] = []
  const heard: string[] = []
  const supervisor = new Supervisor([net], {
    ...{ clock, random: () => 0, log: silentLog },
    tell: (sentence) => told.push(sentence),
    heard: (network) => heard.push(network),
  })
  const ignore = async () => {}
  supervisor.start({ receive: ignore, edit: ignore, remove: ignore, choose: ignore })
  const link = supervisor.links[0]
  if (!link) throw new Error('There is no link.')
  const pass = async (ms: number) => {
    clock.advance(ms)
    await turn()
    await turn()
  }
  return { clock, net, told, heard, supervisor, link, pass }
}

const never = new AbortController().signal
const room = { transport: 'net', room: 'hall' }

test('a connection that is lost is tried again later and later, with a time that people can read', async () => {
  const { clock, net, link, pass } = supervised()
  const waits: number[] = []
  for (let attempt = 0; attempt < 10; attempt++) {
    net.newest.fail(new ConnectionFailure('lost', 'No answer.'))
    await pass(0)
    expect(link.state).toMatchObject({ kind: 'lost', reason: 'No answer.' })
    const { retryAt } = link.state as { retryAt: number }
    waits.push(retryAt - clock.now())
    await pass(retryAt - clock.now())
    expect(net.lines).toHaveLength(attempt + 2)
  }
  expect(waits.map((ms) => ms / 1000)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300])
})

test('after a connection that held, the first retry is soon again', async () => {
  const { clock, net, link, pass } = supervised()
  for (let attempt = 0; attempt < 5; attempt++) {
    net.newest.fail(new ConnectionFailure('lost', 'No answer.'))
    await pass(0)
    await pass(60_000)
  }
  for (let seconds = 0; seconds < 100; seconds += 10) {
    net.newest.line.alive()
    await pass(10_000)
  }
  net.newest.fail(new ConnectionFailure('lost', 'No answer.'))
  await pass(0)
  expect((link.state as { retryAt: number }).retryAt - clock.now()).toBe(1000)
})

test('a network that says when to come back is asked then', async () => {
  const { clock, net, link, pass } = supervised()
  const until = clock.now() + 77_000
  net.newest.fail(new ConnectionFailure('lost', 'Too many.', { until }))
  await pass(0)
  expect(link.state).toMatchObject({ kind: 'lost', retryAt: until })
})

test('a connection that is silent for too long is ended and made anew', async () => {
  const { net, link, pass } = supervised()
  net.newest.line.reached('connected')
  await pass(29_000)
  net.newest.line.alive()
  await pass(29_000)
  expect(link.state.kind).toBe('connected')
  await pass(1000)
  expect(net.newest.line.signal.aborted).toBe(true)
  net.newest.end()
  await pass(0)
  expect(link.state).toMatchObject({ kind: 'lost', reason: 'Nothing was heard for 30 seconds.' })
})

test('a connection that does not end when it is told to is left to itself', async () => {
  const { net, link, pass } = supervised()
  await pass(30_000)
  expect(link.state.kind).toBe('connecting')
  await pass(10_000)
  expect(link.state.kind).toBe('lost')
  await pass(1000)
  expect(net.lines).toHaveLength(2)
})

test('a fault of the transport itself is a lost connection too', async () => {
  const { net, link, pass } = supervised()
  net.newest.fail(new TypeError('x is not a function'))
  await pass(0)
  expect(link.state).toMatchObject({ kind: 'lost', reason: expect.stringContaining('inside') })
})

test('refused credentials are told once, with what to do, and not tried again', async () => {
  const { net, told, link, pass } = supervised()
  net.newest.fail(new ConnectionFailure('refused', 'Make a new token.'))
  await pass(0)
  expect(link.state.kind).toBe('refused')
  expect(told).toEqual(['Net is not connected: Make a new token.'])
  await pass(86_400_000)
  expect(net.lines).toHaveLength(1)
})

test('a conflict is told once, tried again each minute, and its end is told', async () => {
  const { net, told, pass } = supervised()
  for (let attempt = 0; attempt < 3; attempt++) {
    net.newest.fail(new ConnectionFailure('conflict', 'End the other program.'))
    await pass(0)
    await pass(60_000)
  }
  expect(net.lines).toHaveLength(4)
  net.newest.line.reached('connected')
  expect(told).toEqual(['Net is not connected: End the other program.', 'Net is connected again.'])
})

test('a short loss is not worth a word, a long one is', async () => {
  const { net, told, pass } = supervised()
  net.newest.fail(new ConnectionFailure('lost', 'No answer.'))
  await pass(1000)
  net.newest.line.reached('connected')
  expect(told).toEqual([])
  for (let minutes = 0; minutes < 12; minutes++) {
    net.newest.fail(new ConnectionFailure('lost', 'No answer.'))
    await pass(0)
    await pass(300_000)
  }
  expect(told).toEqual(['Net is not connected: No answer.'])
})

test('L53: what is to be said before the log-in waits for the connection, and for its turn', async () => {
  const { net, link, pass } = supervised()
  let turns = 0
  const say = async () => {
    for (let wait = link.turn(room, never); wait; wait = link.turn(room, never)) {
      turns += 1
      await wait
    }
    await link.send({ ...room, id: '1', text: 'hello' }, never)
  }
  const saying = say()
  await pass(5000)
  expect(net.sent).toEqual([])
  net.newest.line.reached('connected')
  await saying
  expect([net.sent, turns]).toEqual([['hello'], 1])
  const again = say()
  await pass(999)
  expect(net.sent).toHaveLength(1)
  await pass(1)
  await again
  expect(net.sent).toHaveLength(2)
})

test('what is being sent when the program ends gets a few seconds', async () => {
  const { net, link, pass } = supervised()
  const answer = Promise.withResolvers<void>()
  net.newest.line.reached('connected')
  net.sending = (signal) =>
    Promise.race([
      answer.promise,
      new Promise<void>((_, reject) =>
        signal.addEventListener('abort', () => reject(new Error('late'))),
      ),
    ])
  const ending = new AbortController()
  const first = link.send({ ...room, id: '1', text: 'in time' }, ending.signal)
  const second = link.send({ ...room, id: '2', text: 'too late' }, ending.signal)
  ending.abort()
  await pass(4999)
  answer.resolve()
  await first
  await second
  expect(net.sent).toEqual(['in time', 'too late'])
  net.sending = (signal) =>
    new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('late'))))
  const ended = new AbortController()
  const third = link.send({ ...room, id: '3', text: 'never' }, ended.signal)
  ended.abort()
  const failed = expect(third).rejects.toThrow('late')
  await pass(5000)
  await failed
})

test('stopping ends the connection, waits for its end, and nothing is left to happen', async () => {
  const { clock, net, link, supervisor, pass } = supervised()
  net.newest.line.reached('connected')
  const stopped = supervisor.stop()
  expect(net.newest.line.signal.aborted).toBe(true)
  net.newest.end()
  await stopped
  await pass(0)
  expect(link.state.kind).toBe('stopped')
  expect(clock.pending).toBe(0)
})
