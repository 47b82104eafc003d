import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { rest } from '../../src/bot/arguments.ts'
import { defineCommand } from '../../src/bot/command.ts'
import { ChatWorld } from '../support/chat-world.ts'

const note = defineCommand({
  name: 'note',
  group: 'look',
  summary: 'Note it',
  role: 'member',
  input: z.object({ text: rest(z.string()) }),
  run: { change: ({ text }, { asker }) => `${asker.name} noted ${text}.` },
})

/** What a timer or trigger has said in a person's name. */
function relayed(world: ChatWorld, sender = 'net:anna', text = 'note it') {
  const message = world.message(text, {
    eventId: 'trigger/1/1',
    sender: { id: sender, name: 'Anna, by trigger 1' },
  })
  world.store.transaction(() => world.bot.relay(message))
}

describe('What is said in a person’s name', () => {
  test('is done once it is stored, as if they had said it', async () => {
    const world = new ChatWorld({ commands: [note] })
    relayed(world)
    await world.settle()
    expect(world.heard()).toEqual(['Anna, by trigger 1 noted it.'])
    expect(world.bot.idle).toBe(true)
  })

  test('is not done where its cause was not stored', async () => {
    const world = new ChatWorld({ commands: [note] })
    expect(() =>
      world.store.transaction(() => {
        relayed(world)
        throw new Error('no')
      }),
    ).toThrow('no')
    world.crash()
    await world.settle()
    expect(world.heard()).toEqual([])
  })

  test('is done once after a crash, wherever that comes', async () => {
    for (const flushes of [0, 1, 2, 3]) {
      const courier = { edit: 'none', idempotentSend: true } as const
      const world = new ChatWorld({ commands: [note], courier })
      relayed(world)
      for (let flush = 0; flush < flushes; flush++) await world.flush()
      world.crash()
      await world.settle()
      world.crash()
      relayed(world)
      await world.settle()
      expect(world.heard(), `after ${flushes} commits`).toEqual(['Anna, by trigger 1 noted it.'])
    }
  })

  test('is done with the rights that they have then, or not at all', async () => {
    const world = new ChatWorld({ commands: [note] })
    relayed(world, 'net:vic')
    await world.settle()
    expect(world.heard()).toEqual([
      '`note` is for members, and you are a viewer here: ask an admin.',
    ])
    const other = new ChatWorld({ commands: [note] })
    relayed(other, 'net:stranger')
    await other.settle()
    expect(other.heard()).toEqual([])
    expect(other.bot.idle).toBe(true)
  })
})
