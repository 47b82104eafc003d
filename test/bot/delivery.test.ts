import { setImmediate as turn } from 'node:timers/promises'
import { beforeEach, describe, expect, test } from 'vitest'
import { SendFailure } from '../../src/bot/courier.ts'
import { ChatWorld } from '../support/chat-world.ts'

let world: ChatWorld

beforeEach(() => {
  world = new ChatWorld()
})

const room = (name = 'room') => ({ transport: 'net', room: name })
const put = (text: string, name?: string) =>
  world.store.transaction(() => world.outbox.enqueue({ ...room(name), text }))
const states = () => world.store.db.prepare('SELECT state FROM outbox ORDER BY id').pluck().all()

/** Does all commits; the network answers nothing. */
async function commitAll(): Promise<void> {
  await turn()
  while (world.flushes.length > 0) await world.flush()
}

async function failFirst(...failure: ConstructorParameters<typeof SendFailure>): Promise<void> {
  world.calls.shift()?.fail(new SendFailure(...failure))
  await commitAll()
}

describe('the outbox', () => {
  test('sends the messages of a room in order, one at a time', async () => {
    for (const text of ['a', 'b', 'c']) put(text)
    await commitAll()
    expect(world.calls.map(({ message }) => message.text)).toEqual(['a'])
    await world.settle()
    expect(world.heard()).toEqual(['a', 'b', 'c'])
    expect(states()).toEqual(['sent', 'sent', 'sent'])
    expect(world.delivery.idle).toBe(true)
  })

  test('sends to every room by itself', async () => {
    put('a', 'one')
    put('b', 'two')
    await commitAll()
    expect(world.calls.map(({ message }) => message.text)).toEqual(['a', 'b'])
  })

  test('sends nothing of a transaction that is undone', async () => {
    const undone = () =>
      world.store.transaction(() => {
        world.outbox.enqueue({ ...room(), text: 'never' })
        throw new Error('no')
      })
    expect(undone).toThrow('no')
    await world.settle()
    expect(world.heard()).toEqual([])
    expect(world.delivery.idle).toBe(true)
  })

  test('holds the same key once', async () => {
    const first = world.outbox.enqueue({ ...room(), text: 'a', key: 'k' })
    expect(world.outbox.enqueue({ ...room(), text: 'b', key: 'k' })).toBe(first)
    await world.settle()
    expect(world.heard()).toEqual(['a'])
  })

  test('gives each attempt at a message the same id, and each message its own', async () => {
    put('a')
    await commitAll()
    const first = world.calls[0]?.message.id
    await failFirst('transient', 'lost')
    world.clock.advance(1000)
    await commitAll()
    expect(world.calls[0]?.message.id).toBe(first)
    await world.settle()
    put('a')
    await commitAll()
    expect(world.calls[0]?.message.id).not.toBe(first)
  })

  test('passes on choices, thread and the message that is answered', async () => {
    world.outbox.enqueue({
      ...room(),
      thread: 'thread',
      text: 'Sure?',
      choices: [{ label: 'Delete it' }, { label: 'No' }],
      replyTo: 'event-1',
    })
    await commitAll()
    expect(world.calls[0]?.message).toMatchObject({
      thread: 'thread',
      choices: [{ label: 'Delete it' }, { label: 'No' }],
      replyTo: 'event-1',
    })
  })
})

describe('edits', () => {
  const editing = { edit: 'full', idempotentSend: false } as const

  test('of what is not sent yet change it, and send nothing more', async () => {
    const id = put('a')
    world.outbox.edit(id, 'b')
    world.outbox.edit(id, 'c')
    await world.settle()
    expect(world.heard()).toEqual(['c'])
  })

  test('of what is sent change it on the network, and those that wait become one', async () => {
    world = new ChatWorld({ courier: editing })
    const id = put('a')
    await world.settle()
    for (const text of ['b', 'c', 'd']) world.outbox.edit(id, text)
    await world.settle()
    const [sent, ...edits] = world.arrived
    expect(edits).toEqual([{ id: expect.any(String), text: 'd', edits: `net-${sent?.id}` }])
  })

  test('become a new message where the network knows no edits', async () => {
    const id = put('a')
    await world.settle()
    world.outbox.edit(id, 'b')
    await world.settle()
    expect(world.arrived.map(({ text, edits }) => [text, edits])).toEqual([
      ['a', undefined],
      ['b', undefined],
    ])
  })

  test('are repeated after a crash, since that does no harm', async () => {
    world = new ChatWorld({ courier: editing })
    const id = put('a')
    await world.settle()
    world.outbox.edit(id, 'b')
    await commitAll()
    world.calls[0]?.arrive()
    world.crash()
    await world.settle()
    expect(world.heard()).toEqual(['a', 'b', 'b'])
  })
})

describe('a failure', () => {
  test('L59: that may pass is tried again with growing pauses, and what follows waits', async () => {
    put('a')
    put('b')
    await commitAll()
    for (const delay of [1000, 2000, 4000]) {
      await failFirst('transient', 'network away')
      expect(states()).toEqual(['waiting', 'waiting'])
      world.clock.advance(delay - 1)
      await commitAll()
      expect(world.calls).toHaveLength(0)
      world.clock.advance(1)
      await commitAll()
      expect(world.calls.map(({ message }) => message.text)).toEqual(['a'])
    }
    await world.settle()
    expect(world.heard()).toEqual(['a', 'b'])
  })

  test('by a rate limit holds that room alone, until the time that was given', async () => {
    put('a', 'limited')
    await commitAll()
    await failFirst('rate-limited', 'slow down', { until: world.clock.now() + 30_000 })
    put('b', 'free')
    await world.pass(29_999)
    expect(world.heard()).toEqual(['b'])
    await world.pass(1)
    expect(world.heard()).toEqual(['a'])
  })

  test('by refused credentials waits for better ones', async () => {
    put('a')
    await commitAll()
    await failFirst('refused', 'no')
    expect(states()).toEqual(['waiting'])
    await world.pass(1000)
    expect(world.heard()).toEqual(['a'])
  })

  test.each(['forbidden', 'gone'] as const)(
    '"%s" is final, and the next message goes on',
    async (kind) => {
      put('a')
      put('b')
      await commitAll()
      await failFirst(kind, 'no')
      await world.settle()
      expect(states()).toEqual(['failed', 'sent'])
      expect(world.heard()).toEqual(['b'])
    },
  )

  test('by its form is sent again as plain text, once', async () => {
    put('*a')
    await commitAll()
    expect(world.calls[0]?.message.formatted).toBe('*a')
    await failFirst('invalid', 'bad markup')
    expect(world.calls[0]?.message).toMatchObject({ text: '*a' })
    expect(world.calls[0]?.message.formatted).toBeUndefined()
    await failFirst('invalid', 'bad markup')
    expect(states()).toEqual(['failed'])
    expect(world.delivery.idle).toBe(true)
  })

  test('of which nobody knows is told to the room, and not repeated', async () => {
    put('a'.repeat(100))
    await commitAll()
    await failFirst('unknown', 'no answer')
    await world.settle()
    expect(states()).toEqual(['unknown', 'sent'])
    expect(world.heard()).toEqual([
      `A reply may or may not have arrived. It begins: "${'a'.repeat(80)}"`,
    ])
  })

  test('of which nobody knows is repeated where the network drops the repetition', async () => {
    world = new ChatWorld({ courier: { edit: 'none', idempotentSend: true } })
    put('a')
    await commitAll()
    await failFirst('unknown', 'no answer')
    await world.pass(1000)
    expect(world.heard()).toEqual(['a'])
  })

  test('of which nobody will ever know is told to the room there, too', async () => {
    world = new ChatWorld({ courier: { edit: 'none', idempotentSend: true } })
    put('a')
    await commitAll()
    await failFirst('unknown', 'no answer', { forGood: true })
    await world.settle()
    expect(states()).toEqual(['unknown', 'sent'])
    expect(world.heard()).toEqual(['A reply may or may not have arrived. It begins: "a"'])
  })
})

describe('a message that the network takes only in parts', () => {
  const long = ['a', 'b', 'c'].map((letter) => letter.repeat(200)).join('')
  const letters = () => world.heard().map((text) => text.replace(/(.)\1*/g, '$1'))

  test('is sent part by part, and goes on with the part that failed', async () => {
    put(long)
    put('d')
    await commitAll()
    world.calls.shift()?.arrive()
    await commitAll()
    await failFirst('rate-limited', 'slow down', { until: world.clock.now() + 1000 })
    expect(states()).toEqual(['waiting', 'waiting'])
    await world.pass(1000)
    expect(letters()).toEqual(['a', 'b', 'c', 'd'])
    expect(states()).toEqual(['sent', 'sent'])
  })

  test('L59: goes on after a crash with the part that was not sent, and tells of the one in doubt', async () => {
    put(long)
    await commitAll()
    world.calls.shift()?.arrive()
    await commitAll()
    world.crash()
    await world.settle()
    expect(letters()).toEqual(['a', 'A reply may or may not have arived. It begins: "b"', 'c'])
    world.crash()
    await world.settle()
    expect(letters()).toEqual([])
  })

  test('is named by its first part in a reply or an edit', async () => {
    world = new ChatWorld({ courier: { edit: 'full', idempotentSend: false } })
    const id = put(long)
    await world.settle()
    const first = world.arrived[0]?.id
    world.heard()
    world.store.transaction(() => world.outbox.edit(id, long.toUpperCase()))
    await world.settle()
    expect(world.arrived.map(({ edits }) => edits)).toEqual([`net-${first}`, undefined, undefined])
    expect(letters()).toEqual(['A', 'B', 'C'])
  })

  test('is not changed between its parts: what it becomes follows it', async () => {
    const id = put(long)
    await commitAll()
    world.calls.shift()?.arrive()
    await commitAll()
    await failFirst('rate-limited', 'slow down', { until: world.clock.now() + 1000 })
    world.store.transaction(() => world.outbox.edit(id, 'e'))
    await world.pass(1000)
    expect(letters()).toEqual(['a', 'b', 'c', 'e'])
  })
})

describe('L59: after a crash', () => {
  test('what was not sent yet is sent', async () => {
    put('a')
    put('b')
    world.crash()
    await world.settle()
    expect(world.heard()).toEqual(['a', 'b'])
  })

  test('a send without its receipt is told to the room once, and not repeated', async () => {
    put('a')
    put('b')
    await commitAll()
    world.calls[0]?.arrive()
    world.crash()
    await world.settle()
    world.crash()
    await world.settle()
    expect(world.heard()).toEqual(['a', 'A reply may or may not have arrived. It begins: "a"', 'b'])
  })

  test('the doubt itself is rather told twice than not at all', async () => {
    put('a')
    await commitAll()
    world.crash()
    await commitAll()
    world.crash()
    await world.settle()
    expect(world.heard()).toEqual(['A reply may or may not have arrived. It begins: "a"'])
  })

  test('a send without its receipt is repeated under the same id where the network drops repetitions', async () => {
    world = new ChatWorld({ courier: { edit: 'none', idempotentSend: true } })
    put('a')
    await commitAll()
    world.calls[0]?.arrive()
    world.crash()
    await world.settle()
    expect(world.arrived.map(({ text }) => text)).toEqual(['a', 'a'])
    expect(new Set(world.arrived.map(({ id }) => id)).size).toBe(1)
  })

  test('but what only one person sees can be looked for nowhere: that person is told of the doubt', async () => {
    world = new ChatWorld({ courier: { edit: 'none', idempotentSend: true } })
    world.store.transaction(() =>
      world.outbox.enqueue({ ...room(), text: 'a', onlyFor: 'net:anna' }),
    )
    await commitAll()
    world.calls[0]?.arrive()
    world.crash()
    await commitAll()
    expect(world.calls.map(({ message }) => message)).toMatchObject([
      { text: 'A reply may or may not have arrived. It begins: "a"', onlyFor: 'net:anna' },
    ])
  })
})

describe('stopping', () => {
  test('cancels the send, puts the message back, and waits until that is stored', async () => {
    put('a')
    put('b')
    await commitAll()
    const stopped = world.delivery.stop()
    await commitAll()
    await stopped
    expect(states()).toEqual(['waiting', 'waiting'])
  })

  test('a message for a network that is not connected waits for one', async () => {
    world.outbox.enqueue({ transport: 'elsewhere', room: 'room', text: 'a' })
    await world.settle()
    expect(states()).toEqual(['waiting'])
    expect(world.delivery.idle).toBe(true)
  })
})

test('a mark that the disk does not take is tried again until it does', async () => {
  put('a')
  world.store.db.exec(
    `CREATE TRIGGER full BEFORE UPDATE ON outbox BEGIN SELECT RAISE(ABORT, 'full'); END`,
  )
  await world.settle()
  expect(world.heard()).toEqual([])
  world.store.db.exec('DROP TRIGGER full')
  await world.pass(5000)
  expect(world.heard()).toEqual(['a'])
})

test('L62: what one program sends, another in the same process does not see', async () => {
  const other = new ChatWorld()
  put('a')
  await world.settle()
  await other.settle()
  expect(world.heard()).toEqual(['a'])
  expect(other.heard()).toEqual([])
})
