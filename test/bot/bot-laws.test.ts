import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { rest } from '../../src/bot/arguments.ts'
import { defineCommand } from '../../src/bot/command.ts'
import type { IncomingMessage } from '../../src/bot/message.ts'
import { Problem } from '../../src/kernel/problem.ts'
import { ChatWorld, type OpenRun } from '../support/chat-world.ts'

const maxChatRuns = 2
const rooms = ['a', 'b', 'c']
const senders = {
  member: { id: 'net:anna', name: 'Anna' },
  admin: { id: 'net:root', name: 'Root' },
}

const room = fc.constantFrom(...rooms)
const sender = fc.constantFrom('member' as const, 'member' as const, 'admin' as const)
const which = fc.nat(9)
const action = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('talk' as const), room, sender }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('note' as const), room, sender }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('refused note' as const), room, sender }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('deliver again' as const), which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('take back' as const), which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('stop' as const), room }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('commit' as const) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('arrive' as const), which }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.nat(3000) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('end run' as const), which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('fail run' as const), which }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('say' as const), which }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('crash' as const),
      arrived: fc.boolean(),
      stored: fc.boolean(),
    }),
  },
)
type Action = typeof action extends fc.Arbitrary<infer A> ? A : never

interface SeenRun {
  /** The program that it ran in, counted from 0. */
  readonly program: number
  readonly room: string
  readonly texts: readonly string[]
  readonly interrupted: boolean
}

/** A world with a network that delivers again what was not acknowledged, as real ones do. */
class Trace {
  readonly world: ChatWorld
  readonly seen: SeenRun[] = []
  /** All that was ever said: the texts are unique, and tell sender and kind. */
  readonly messages: IncomingMessage[] = []
  readonly takenBack = new Set<string>()
  /** What was said before a stop of its room: whether it was answered by then does not matter. */
  readonly stopped = new Set<string>()
  readonly #acknowledged = new Set<IncomingMessage>()
  #program = 0
  #paragraphs = 0
  readonly #open = new Set<OpenRun>()

  constructor(idempotentSend: boolean) {
    const note = defineCommand({
      name: 'note',
      group: 'items',
      summary: 'Note it',
      role: 'viewer',
      input: z.object({ text: rest(z.string()) }),
      run: {
        change: ({ text }) => {
          this.world.store.db.prepare('INSERT INTO notes VALUES (?)').run(text)
          if (text.endsWith('refused')) throw new Problem('refused', `No to ${text}.`)
          return `Noted ${text}.`
        },
      },
    })
    this.world = new ChatWorld({
      commands: [note],
      maxChatRuns,
      courier: { edit: 'none', idempotentSend },
    })
    this.world.store.db.exec('CREATE TABLE notes (text TEXT) STRICT')
  }

  async perform(action: Action): Promise<void> {
    const { world } = this
    if (action.do === 'talk') this.#say(action.room, action.sender, 'talk')
    if (action.do === 'note') this.#say(action.room, action.sender, 'note')
    if (action.do === 'refused note') this.#say(action.room, action.sender, 'note', ' refused')
    if (action.do === 'deliver again') this.#deliver(pick(this.messages, action.which))
    if (action.do === 'take back') this.#takeBack(pick(this.messages, action.which))
    if (action.do === 'stop') this.#stop(action.room)
    if (action.do === 'commit') await world.flush()
    if (action.do === 'arrive')
      world.calls.splice(action.which % (world.calls.length || 1), 1)[0]?.arrive()
    if (action.do === 'pass') world.clock.advance(action.ms)
    if (action.do === 'end run') this.#end(action.which, (run) => run.end())
    if (action.do === 'fail run') this.#end(action.which, (run) => run.fail(new Error('no')))
    if (action.do === 'say')
      pick([...this.#open], action.which)?.say(`Paragraph ${this.#paragraphs++}.`)
    if (action.do === 'crash') this.#crash(action)
    await turn()
    this.#watch()
  }

  /** Lets everything come to its end. */
  async finish(): Promise<void> {
    for (let round = 0; round < 200; round++) {
      await this.world.settle()
      this.#watch()
      if (this.world.bot.idle && this.world.delivery.idle) return
      for (const run of this.#open) run.end()
      this.#open.clear()
      this.world.clock.advance(1000)
    }
    throw new Error('It does not come to its end.')
  }

  #say(name: string, as: keyof typeof senders, word: string, more = ''): void {
    const text = `${word} ${this.messages.length} by ${as}${more}`
    const message = this.world.message(text, { room: name, sender: senders[as] })
    this.messages.push(message)
    this.#deliver(message)
  }

  #deliver(message: IncomingMessage | undefined): void {
    if (!message) return
    const program = this.#program
    void this.world.bot.receive(message).then(() => {
      if (program === this.#program) this.#acknowledged.add(message)
    })
  }

  #takeBack(message: IncomingMessage | undefined): void {
    if (!message) return
    void this.world.bot
      .remove(message, message.eventId)
      .then((removed) => removed && this.takenBack.add(message.text))
  }

  #stop(name: string): void {
    for (const { room: where, text } of this.messages) if (where === name) this.stopped.add(text)
    void this.world.bot.cancelChat(`net/${name}`)
  }

  #end(index: number, end: (run: OpenRun) => void): void {
    const run = pick([...this.#open], index)
    if (!run) return
    this.#open.delete(run)
    end(run)
  }

  /** At worst what is on its way has just arrived, or been stored, and the program does not know it yet. */
  #crash({ arrived, stored }: { arrived: boolean; stored: boolean }): void {
    if (stored) this.world.flushes.shift()?.()
    if (arrived) for (const call of this.world.calls) call.arrive()
    this.#open.clear()
    this.#program++
    this.world.crash()
    for (const message of this.messages)
      if (!this.#acknowledged.has(message)) this.#deliver(message)
  }

  #watch(): void {
    for (const run of this.world.runs.splice(0)) {
      const { room: name } = run.batch.place
      expect([...this.#open].map(({ batch }) => batch.place.room)).not.toContain(name)
      this.#open.add(run)
      expect(this.#open.size).toBeLessThanOrEqual(maxChatRuns)
      this.seen.push({
        program: this.#program,
        room: name,
        texts: run.batch.text.split('\n\n'),
        interrupted: run.batch.interrupted,
      })
    }
  }
}

const schedule = fc.array(action, { maxLength: 80 })
const examples = { numRuns: 150 }

async function play(actions: readonly Action[], idempotentSend = false): Promise<Trace> {
  const trace = new Trace(idempotentSend)
  for (const each of actions) await trace.perform(each)
  await trace.finish()
  return trace
}

describe('whatever happens, crashes included,', () => {
  test('free text is answered in order, once, by itself or with its like, and none is lost', async () => {
    await fc.assert(
      fc.asyncProperty(schedule, async (actions) => {
        const trace = await play(actions)
        for (const name of rooms) checkRuns(trace, name)
      }),
      examples,
    )
  })

  test('a command takes effect once, and a refused one not at all', async () => {
    await fc.assert(
      fc.asyncProperty(schedule, async (actions) => {
        const { world, messages, takenBack } = await play(actions)
        const commands = messages
          .map(({ text }) => text)
          .filter((text) => text.startsWith('note ') && !takenBack.has(text))
        const wanted = commands.filter((text) => !text.endsWith('refused'))
        const notes = world.store.db.prepare('SELECT text FROM notes').pluck().all()
        expect(notes.map((text) => `note ${text}`).sort()).toEqual(wanted.sort())
        const replies = world.store.db
          .prepare(`SELECT text FROM outbox WHERE text LIKE 'Noted %' OR text LIKE 'No to %'`)
          .all()
        expect(replies).toHaveLength(commands.length)
      }),
      examples,
    )
  })

  test('a reply arrives once, or its room is told that it may not have arrived', async () => {
    await fc.assert(
      fc.asyncProperty(schedule, async (actions) => {
        const { world } = await play(actions)
        const arrived = world.arrived.map(({ text }) => text)
        const replies = outboxTexts(world).filter((text) => /^(Noted|No to|Paragraph) /.test(text))
        for (const text of replies) {
          const count = arrived.filter((other) => other === text).length
          const told = arrived.some((other) =>
            other.includes(`may not have arrived. It begins: "${text}"`),
          )
          expect(count === 1 || (count === 0 && told), `${text} arrived ${count} times`).toBe(true)
        }
      }),
      examples,
    )
  })

  test('a network that drops repetitions gets each reply, in order per room', async () => {
    await fc.assert(
      fc.asyncProperty(schedule, async (actions) => {
        const { world } = await play(actions, true)
        const arrived = new Map(world.arrived.map(({ id, text }) => [id, text]))
        expect([...arrived.values()].sort()).toEqual(outboxTexts(world).sort())
        for (const name of rooms) {
          const texts = world.store.db
            .prepare('SELECT text FROM outbox WHERE room = ? ORDER BY id')
            .pluck()
            .all(name)
          expect([...arrived.values()].filter((text) => texts.includes(text))).toEqual(texts)
        }
      }),
      examples,
    )
  })

  test('nothing is left behind: no timer, no lane, no unfinished message', async () => {
    await fc.assert(
      fc.asyncProperty(schedule, async (actions) => {
        const { world } = await play(actions)
        expect(world.bot.idle && world.delivery.idle).toBe(true)
        expect(world.clock.pending).toBe(0)
        expect(world.store.db.prepare(`SELECT * FROM inbox WHERE state <> 'done'`).all()).toEqual(
          [],
        )
      }),
      examples,
    )
  })
})

function checkRuns({ seen, messages, takenBack, stopped }: Trace, name: string): void {
  const runs = seen.filter((run) => run.room === name)
  const said = messages
    .filter((message) => message.room === name && message.text.startsWith('talk '))
    .map(({ text }) => text)
  const answered = runs.flatMap(({ texts }) => texts)
  const firsts = [...new Set(answered)]
  const silent = said.filter((text) => !answered.includes(text))
  expect(silent.filter((text) => !takenBack.has(text) && !stopped.has(text))).toEqual([])
  expect(firsts).toEqual(said.filter((text) => firsts.includes(text)))
  for (const [index, { texts, program, interrupted }] of runs.entries()) {
    expect(new Set(texts.map((text) => text.split(' by ')[1])).size).toBe(1)
    const earlier = runs
      .slice(0, index)
      .filter((run) => run.texts.some((text) => texts.includes(text)))
    expect(earlier.every((run) => run.program < program)).toBe(true)
    if (earlier.length > 0) expect(interrupted).toBe(true)
    for (const run of earlier) expect(run.texts).toEqual(texts)
  }
}

function outboxTexts(world: ChatWorld): string[] {
  return world.store.db
    .prepare<[], { text: string }>('SELECT text FROM outbox')
    .all()
    .map(({ text }) => text)
}

function pick<T>(from: readonly T[], index: number): T | undefined {
  return from[index % Math.max(1, from.length)]
}
