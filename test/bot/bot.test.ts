import { setImmediate as turn } from 'node:timers/promises'
import { beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { itemNumber, positional, rest } from '../../src/bot/arguments.ts'
import { Postponed } from '../../src/bot/chat-run.ts'
import { type Command, type CommandContext, defineCommand } from '../../src/bot/command.ts'
import { sessionOf } from '../../src/bot/message.ts'
import { Problem } from '../../src/kernel/problem.ts'
import { ChatWorld } from '../support/chat-world.ts'

let world: ChatWorld
/** What the commands below have been told, and how the slow one is ended. */
let contexts: CommandContext[]
let endSlow: (() => void)[]

const about = { group: 'look', summary: 'Do it', role: 'viewer' } as const

const commands: readonly Command[] = [
  defineCommand({
    ...about,
    name: 'note',
    aliases: ['write'],
    input: z.object({ text: rest(z.string()) }),
    run: {
      change: ({ text }, context) => {
        contexts.push(context)
        world.store.db.prepare('INSERT INTO notes VALUES (?)').run(text)
        if (text === 'refused')
          throw new Problem('refused', 'That cannot be noted: say it otherwise.')
        if (text === 'broken') throw new Error('secret detail')
        return `Noted ${text}.`
      },
    },
  }),
  defineCommand({
    ...about,
    name: 'slow',
    input: z.object({}),
    run: {
      answer: async (_input, context) => {
        await new Promise<void>((resolve) => endSlow.push(resolve))
        context.report('Half of it.')
        return 'All of it.'
      },
    },
  }),
  defineCommand({
    ...about,
    name: 'delete',
    role: 'member',
    input: z.object({ item: itemNumber }),
    run: {
      change: ({ item }, context) => {
        contexts.push(context)
        return context.confirmed
          ? `Deleted ${item}.`
          : { text: `Delete ${item}?`, confirm: { yes: 'Delete it' } }
      },
    },
  }),
  defineCommand({
    ...about,
    name: 'stop',
    input: z.object({}),
    control: true,
    run: {
      answer: async (_input, { session }) =>
        (await world.bot.cancelChat(session)) ? 'Stopped.' : 'Nothing was running.',
    },
  }),
  defineCommand({
    ...about,
    name: 'start',
    role: 'admin',
    input: z.object({ item: itemNumber, agent: positional(z.string()).optional() }),
    run: { change: ({ item }) => `Started ${item}.` },
  }),
]

function open(options: { chats?: boolean } = {}): void {
  world = new ChatWorld({ commands, ...options })
  world.store.db.exec('CREATE TABLE notes (text TEXT) STRICT')
}

beforeEach(() => {
  contexts = []
  endSlow = []
  open()
})

const notes = () => world.store.db.prepare('SELECT text FROM notes').pluck().all()
const stored = () => world.store.db.prepare('SELECT count(*) FROM inbox').pluck().get()
const batches = () => world.runs.map(({ batch }) => batch.text)
const root = { sender: { id: 'net:root', name: 'Root' } }
const ben = { sender: { id: 'net:ben', name: 'Ben' } }
const inRoom = { direct: false }

describe('a command', () => {
  test('is answered, and is done', async () => {
    await world.say('note hello')
    expect(world.heard()).toEqual(['Noted hello.'])
    expect(world.bot.idle).toBe(true)
  })

  test('is told who asks, where, and with which right', async () => {
    await world.say('NOTE hello', { thread: 'thread' })
    expect(contexts[0]).toMatchObject({
      asker: { id: 'net:anna', name: 'Anna' },
      role: 'member',
      place: { transport: 'net', room: 'room', thread: 'thread' },
      session: 'net/room/thread',
      entry: 1,
      now: 1_000_000,
      confirmed: false,
    })
  })

  test('that throws a problem has changed nothing, and the problem is the reply', async () => {
    await world.say('note refused')
    expect(world.heard()).toEqual(['That cannot be noted: say it otherwise.'])
    expect(notes()).toEqual([])
    expect(world.bot.idle).toBe(true)
  })

  test('that breaks has changed nothing, and the reply gives nothing away', async () => {
    await world.say('note broken')
    expect(world.heard()).toEqual(['That went wrong inside huskies; the log has the details.'])
    expect(notes()).toEqual([])
  })

  test('with bad arguments gets one sentence with the usage', async () => {
    await world.say('delete soon')
    expect(world.heard()).toEqual([
      'N must be an item number such as 12 or #12, not "soon"; usage: `delete N`.',
    ])
  })

  test('that needs a higher role is refused with the role that it needs', async () => {
    await world.say('start 3')
    await world.say('start 3', root)
    expect(world.heard()).toEqual([
      '`start` is for admins, and you are a member here: ask an admin.',
      'Started 3.',
    ])
  })

  test('of one session waits for the one before it; another session does not', async () => {
    await world.say('slow')
    await world.say('note after')
    await world.say('note elsewhere', { room: 'other' })
    expect(world.heard()).toEqual(['Noted elsewhere.'])
    expect(world.bot.idle).toBe(false)
    endSlow[0]?.()
    await world.settle()
    expect(world.heard()).toEqual(['Half of it.', 'All of it.', 'Noted after.'])
    expect(world.bot.idle).toBe(true)
  })

  test('is not run again when the network delivers its event again', async () => {
    const message = world.message('note once')
    for (let time = 0; time < 3; time++) {
      const received = world.bot.receive(message)
      await world.settle()
      await received
    }
    expect(world.heard()).toEqual(['Noted once.'])
    expect(notes()).toEqual(['once'])
  })
})

describe('who and what the bot listens to', () => {
  test('strangers get nothing, and their messages are not stored', async () => {
    await world.say('note hello', { sender: { id: 'net:eve', name: 'Eve' } })
    await world.say('hello', { sender: { id: 'other:anna', name: 'Anna' } })
    await world.pass(10_000)
    expect(world.heard()).toEqual([])
    expect(world.runs).toEqual([])
    expect(stored()).toBe(0)
  })

  test('in a room it hears what names it or is addressed to it, and stores nothing else', async () => {
    await world.say('note between us', inRoom)
    expect(stored()).toBe(0)
    await world.say('Huskies 🐺: note by name', inRoom)
    await world.say('note by mention', { ...inRoom, addressed: true })
    expect(world.heard()).toEqual(['Noted by name.', 'Noted by mention.'])
  })

  test('L56: one table serves every network', async () => {
    const replies = async (transport: string) => {
      open()
      const text = `${transport} says so`
      await world.say(`write ${text}`, { transport, sender: { id: 'net:anna', name: 'Anna' } })
      return world.store.db.prepare('SELECT transport, text FROM outbox').all()
    }
    for (const transport of ['terminal', 'slack', 'matrix'])
      expect(await replies(transport)).toEqual([{ transport, text: `Noted ${transport} says so.` }])
  })
})

describe('L54: prose', () => {
  test.each([
    'hello',
    'what can you do?',
    'Starting tomorrow I am away',
    'start by telling me what you can do',
    'delete all of the old files in there',
    'stat is a program, is it not?',
  ])('"%s" goes to the chat, not to "unknown command"', async (text) => {
    await world.say(text)
    await world.pass(1500)
    expect(world.heard()).toEqual([])
    expect(batches()).toEqual([text])
  })

  test('a mistyped command is answered with the nearest one', async () => {
    await world.say('delte 3')
    expect(world.heard()).toEqual([
      'There is no command `delte`: did you mean `delete`? `help` lists them all.',
    ])
  })

  test('in a room nothing is taken for a mistyped command', async () => {
    await world.say('Huskies, delte 3', inRoom)
    await world.pass(1500)
    expect(batches()).toEqual(['delte 3'])
  })

  test('without a chat program one sentence says so', async () => {
    open({ chats: false })
    await world.say('what can you do?')
    expect(world.heard()).toEqual([expect.stringMatching(/commands only.*`help`/)])
    expect(world.bot.idle).toBe(true)
  })
})

describe('a question that a command asks', () => {
  const choices = () =>
    world.store.db.prepare('SELECT choices FROM outbox WHERE choices IS NOT NULL').pluck().all()

  test.each(['1', 'yes', 'Yes!', 'delete it'])('is confirmed by "%s"', async (answer) => {
    await world.say('delete 3')
    expect(world.heard()).toEqual(['Delete 3?'])
    expect(choices()).toEqual(['["Delete it","No"]'])
    await world.say(answer)
    expect(world.heard()).toEqual(['Deleted 3.'])
    expect(contexts.map(({ confirmed }) => confirmed)).toEqual([false, true])
    await world.say('note over')
    expect(world.heard()).toEqual(['Noted over.'])
  })

  test.each(['2', 'no', 'No.'])('is dropped by "%s"', async (answer) => {
    await world.say('delete 3')
    await world.say(answer)
    expect(world.heard()).toEqual(['Delete 3?', 'Left as it is.'])
    await world.say('yes')
    await world.pass(1500)
    expect(batches()).toEqual(['yes'])
  })

  test('stays open while its asker speaks of something else, and others cannot answer it', async () => {
    await world.say('delete 3')
    await world.say('note meanwhile')
    await world.say('yes', ben)
    await world.pass(1500)
    expect(batches()).toEqual(['yes'])
    await world.say('yes')
    expect(world.heard()).toEqual(['Delete 3?', 'Noted meanwhile.', 'Deleted 3.'])
  })

  test('is closed after two minutes', async () => {
    await world.say('delete 3')
    await world.pass(120_000)
    await world.say('yes')
    await world.pass(1500)
    expect(world.heard()).toEqual(['Delete 3?'])
    expect(batches()).toEqual(['yes'])
  })

  test('may be answered in a room without the name of the bot', async () => {
    await world.say('Huskies delete 3', inRoom)
    await world.say('yes', { ...inRoom, ...ben })
    expect(stored()).toBe(1)
    await world.say('yes', inRoom)
    expect(world.heard()).toEqual(['Delete 3?', 'Deleted 3.'])
  })

  test('survives a crash', async () => {
    await world.say('delete 3')
    world.crash()
    await world.say('yes')
    world.crash()
    await world.say('yes')
    await world.pass(1500)
    expect(world.heard()).toEqual(['Delete 3?', 'Deleted 3.'])
    expect(batches()).toEqual(['yes'])
  })

  test('is answered right behind the command, as a script does', async () => {
    const received = ['delete 3', 'yes', 'note done'].map((text) =>
      world.bot.receive(world.message(text)),
    )
    await world.settle()
    await Promise.all(received)
    expect(world.heard()).toEqual(['Delete 3?', 'Deleted 3.', 'Noted done.'])
  })
})

describe('free text', () => {
  test('L52: three messages make one run, with the names where senders differ', async () => {
    await world.say('The date is wrong.')
    await world.say('In the footer.')
    await world.say('And the year.', ben)
    await world.pass(1500)
    expect(world.runs.map(({ batch }) => batch)).toEqual([
      {
        session: 'net/room',
        place: { transport: 'net', room: 'room' },
        text: 'Anna: The date is wrong.\n\nAnna: In the footer.\n\nBen: And the year.',
        askers: [
          { id: 'net:anna', name: 'Anna' },
          { id: 'net:ben', name: 'Ben' },
        ],
        role: 'member',
        entry: 1,
        interrupted: false,
      },
    ])
  })

  test("is never joined with that of another role: nobody's words ride on another's rights", async () => {
    await world.say('as a member')
    await world.say('as an admin', root)
    await world.pass(1500)
    expect(batches()).toEqual(['as a member'])
    world.runs[0]?.end()
    await world.settle()
    expect(batches()).toEqual(['as a member', 'as an admin'])
  })

  test('is answered paragraph by paragraph, and commands do not wait for it', async () => {
    await world.say('tell me')
    await world.pass(1500)
    world.runs[0]?.say('First.')
    await world.say('note meanwhile')
    world.runs[0]?.say('Second.')
    world.runs[0]?.end()
    await world.settle()
    expect(world.heard()).toEqual(['First.', 'Noted meanwhile.', 'Second.'])
    expect(world.bot.idle).toBe(true)
  })

  test('shows that the bot is at work from the first moment to the last', async () => {
    await world.say('tell me')
    expect([...world.typing]).toEqual([])
    await world.pass(1500)
    expect([...world.typing]).toEqual(['room'])
    world.runs[0]?.end()
    await world.settle()
    expect([...world.typing]).toEqual([])
  })

  test('that cannot be answered is answered with the reason', async () => {
    await world.say('tell me')
    await world.pass(1500)
    world.runs[0]?.fail(new Problem('no-chat', 'The chat program is missing: install it.'))
    await world.settle()
    expect([...world.typing]).toEqual([])
    expect(world.heard()).toEqual(['The chat program is missing: install it.'])
    expect(world.bot.idle).toBe(true)
  })

  test('that is changed or deleted while it waits is answered as it is then', async () => {
    const place = { transport: 'net', room: 'room' }
    await world.say('one', { eventId: 'e1' })
    await world.say('two', { eventId: 'e2' })
    const changes = [world.bot.edit(place, 'e1', 'one, changed'), world.bot.remove(place, 'e2')]
    await world.settle()
    expect(await Promise.all(changes)).toEqual([true, true])
    world.crash()
    await world.pass(1500)
    expect(batches()).toEqual(['one, changed'])
    expect(await world.bot.edit(place, 'e1', 'too late')).toBe(false)
  })

  test('that comes together with what follows shares a commit with it, and is changed in time', async () => {
    const place = { transport: 'net', room: 'room' }
    const said = ['one', 'two'].map((text) =>
      world.bot.receive(world.message(text, { eventId: text })),
    )
    const changes = [world.bot.edit(place, 'one', 'one, changed'), world.bot.remove(place, 'two')]
    expect(world.flushes).toHaveLength(1)
    await world.settle()
    await Promise.all(said)
    expect(await Promise.all(changes)).toEqual([true, true])
    await world.pass(1500)
    expect(batches()).toEqual(['one, changed'])
  })

  test('that waits behind a slow command can still be changed into a command', async () => {
    await world.say('slow')
    await world.say('nothing yet', { eventId: 'e1' })
    const changed = world.bot.edit({ transport: 'net', room: 'room' }, 'e1', 'note this')
    await world.settle()
    expect(await changed).toBe(true)
    endSlow[0]?.()
    await world.settle()
    expect(world.heard()).toContain('Noted this.')
    expect(world.bot.idle).toBe(true)
  })
})

describe('stop', () => {
  test('ends the run and what waits, behind a slow command too, and then says so', async () => {
    await world.say('tell me')
    await world.pass(1500)
    await world.say('and more')
    await world.say('slow')
    await world.say('and yet more')
    await world.say('stop')
    expect(world.runs[0]?.signal.aborted).toBe(true)
    expect(world.heard()).toEqual([])
    world.runs[0]?.say('Too late.')
    world.runs[0]?.end()
    await world.settle()
    expect(world.heard()).toEqual(['Stopped.'])
    endSlow[0]?.()
    await world.pass(60_000)
    expect(world.heard()).toEqual(['Half of it.', 'All of it.'])
    expect(world.runs).toHaveLength(1)
    expect(world.bot.idle).toBe(true)
    world.crash()
    await world.pass(60_000)
    expect(world.runs).toEqual([])
  })

  test('says so when nothing ran', async () => {
    await world.say('stop')
    expect(world.heard()).toEqual(['Nothing was running.'])
  })

  test('leaves other sessions alone', async () => {
    await world.say('tell me')
    await world.pass(1500)
    expect(sessionOf({ transport: 'net', room: 'room' })).toBe('net/room')
    await world.say('stop', { room: 'other' })
    expect(world.runs[0]?.signal.aborted).toBe(false)
  })
})

describe('L59: after a crash', () => {
  test('a message that was not stored is not acknowledged, and is taken when it comes again', async () => {
    const message = world.message('note hello')
    let acknowledged = false
    void world.bot.receive(message).then(() => {
      acknowledged = true
    })
    await turn()
    expect(acknowledged).toBe(false)
    world.crash()
    const received = world.bot.receive(message)
    await world.settle()
    await received
    expect(world.heard()).toEqual(['Noted hello.'])
  })

  test('a command that was stored and not run is run, once', async () => {
    const received = world.bot.receive(world.message('note hello'))
    await world.flush()
    await received
    world.crash()
    await world.settle()
    world.crash()
    await world.settle()
    expect(notes()).toEqual(['hello'])
    expect(world.heard()).toEqual(['Noted hello.'])
  })

  test('a batch that was cut off is answered again by itself, and the rest after it', async () => {
    await world.say('one')
    await world.say('two')
    await world.pass(1500)
    await world.say('three')
    world.crash()
    await world.pass(1500)
    expect(world.runs.map(({ batch }) => [batch.text, batch.interrupted])).toEqual([
      ['one\n\ntwo', true],
    ])
    world.runs[0]?.end()
    await world.settle()
    expect(world.runs[1]?.batch).toMatchObject({ text: 'three', interrupted: false })
    expect(world.heard()).toEqual([])
  })

  test('a person who has read a part of an answer is told that it comes again', async () => {
    await world.say('tell me')
    await world.pass(1500)
    world.runs[0]?.say('It begins')
    await world.settle()
    world.crash()
    await world.pass(1500)
    world.runs[0]?.say('It begins and ends.')
    world.runs[0]?.end()
    await world.settle()
    expect(world.heard()).toEqual([
      'It begins',
      'I was cut off while I answered. Here is the answer again:',
      'It begins and ends.',
    ])
  })

  test('an answer that has to wait comes by itself, after a restart too, and is told of once', async () => {
    await world.say('tell me')
    await world.pass(1500)
    const until = world.clock.now() + 3_600_000
    world.runs[0]?.fail(new Postponed('I answer that in an hour.', until))
    await world.settle()
    expect(world.heard()).toEqual(['I answer that in an hour.'])
    expect(world.typing.size).toBe(0)
    await world.say('and this')
    world.crash()
    await world.pass(1500)
    world.runs[0]?.fail(new Postponed('I answer that in an hour.', until))
    await world.pass(until - world.clock.now() - 1)
    expect(world.runs).toHaveLength(1)
    await world.pass(1)
    expect(world.runs[1]?.batch).toMatchObject({ text: 'tell me', interrupted: true })
    world.runs[1]?.say('Here it is.')
    world.runs[1]?.end()
    await world.settle()
    expect(world.runs[2]?.batch).toMatchObject({ text: 'and this', interrupted: false })
    world.runs[2]?.end()
    await world.settle()
    expect(world.heard()).toEqual(['Here it is.'])
    expect(world.bot.idle).toBe(true)
  })

  test('an answer that was cut off by a limit begins anew, and stop calls it off', async () => {
    await world.say('tell me')
    await world.pass(1500)
    world.runs[0]?.say('It begins')
    world.runs[0]?.fail(new Postponed('Later.', world.clock.now() + 60_000))
    await world.pass(60_000)
    world.runs[1]?.say('It begins and ends.')
    world.runs[1]?.fail(new Postponed('Later.', world.clock.now() + 60_000))
    await world.settle()
    expect(world.heard()).toEqual([
      'It begins',
      'Later.',
      'I was cut off while I answered. Here is the answer again:',
      'It begins and ends.',
      'Later.',
    ])
    await world.say('stop')
    expect(world.heard()).toEqual(['Stopped.'])
    world.crash()
    await world.pass(600_000)
    expect(world.runs).toEqual([])
  })

  test('who is no longer listed is not answered', async () => {
    await world.say('tell me')
    world.store.db.exec(`UPDATE inbox SET sender_id = 'net:gone'`)
    world.crash()
    await world.pass(60_000)
    expect(world.runs).toEqual([])
    expect(world.bot.idle).toBe(true)
  })
})

describe('stopping the program', () => {
  test('cancels the chat runs and keeps their messages for the next program', async () => {
    await world.say('tell me')
    await world.pass(1500)
    const stopped = world.bot.stop()
    expect(world.runs[0]?.signal.aborted).toBe(true)
    world.runs[0]?.end()
    await world.settle()
    await stopped
    world.crash()
    await world.pass(1500)
    expect(world.runs.map(({ batch }) => batch.interrupted)).toEqual([true])
  })

  test('waits for the command that runs, and keeps those behind it for the next program', async () => {
    await world.say('slow')
    await world.say('note later')
    const stopped = world.bot.stop()
    endSlow[0]?.()
    await world.settle()
    await stopped
    expect(world.heard()).toEqual(['Half of it.', 'All of it.'])
    world.crash()
    await world.settle()
    expect(world.heard()).toEqual(['Noted later.'])
  })
})
