import { beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import { itemNumber } from '../../src/bot/arguments.ts'
import { defineCommand } from '../../src/bot/command.ts'
import type { Press } from '../../src/bot/message.ts'
import { ChatWorld } from '../support/chat-world.ts'

const deleted: number[] = []
const commands = [
  defineCommand({
    name: 'delete',
    group: 'items',
    summary: 'Delete an item',
    role: 'member',
    input: z.object({ item: itemNumber }),
    run: {
      change({ item }, { confirmed }) {
        if (!confirmed) return { text: `Delete ${item}?`, confirm: { yes: 'Delete it' } }
        deleted.push(item)
        return `Deleted ${item}.`
      },
    },
  }),
]

let world: ChatWorld

beforeEach(() => {
  deleted.length = 0
  world = new ChatWorld({ commands })
})

/** The id of the newest message that has arrived, and all texts since the last look. */
function arrived() {
  const all = world.arrived.splice(0)
  return { id: all.at(-1)?.id ?? '', texts: all.map(({ text }) => text) }
}

async function press(message: string, choice: number, facts: Partial<Press> = {}) {
  const { text: _, addressed: __, ...place } = world.message('')
  const pressed = world.bot.choose({ ...place, message, choice, ...facts })
  await world.settle()
  await pressed
}

test('a choice that is picked answers its question', async () => {
  await world.say('delete 3')
  const { id } = arrived()
  await press(id, 0)
  expect(arrived().texts).toEqual(['Deleted 3.'])
  expect(deleted).toEqual([3])
})

test('in a room it counts without the bot’s name', async () => {
  await world.say('huskies delete 3', { direct: false })
  const { id } = arrived()
  await press(id, 1, { direct: false })
  expect(arrived().texts).toEqual(['Left as it is.'])
  expect(deleted).toEqual([])
})

test('a choice of an older question is not taken for an answer to the present one', async () => {
  await world.say('delete 3')
  const old = arrived().id
  await world.say('no')
  await world.say('delete 4')
  arrived()
  await press(old, 0)
  expect(arrived().texts).toEqual(['That question is not open any more.'])
  expect(deleted).toEqual([])
})

test('the same press twice is one answer', async () => {
  await world.say('delete 3')
  const { id } = arrived()
  await press(id, 0, { eventId: 'press-1' })
  await press(id, 0, { eventId: 'press-1' })
  expect(deleted).toEqual([3])
  await press(id, 0, { eventId: 'press-2' })
  expect(arrived().texts).toEqual(['Deleted 3.', 'That question is not open any more.'])
})

test('who did not ask cannot answer by pressing, and a stranger is not heard', async () => {
  await world.say('delete 3')
  const { id } = arrived()
  await press(id, 0, { sender: { id: 'net:ben', name: 'Ben' } })
  expect(arrived().texts).toEqual(['That question is not open any more.'])
  await press(id, 0, { sender: { id: 'net:stranger', name: 'S' } })
  expect(arrived().texts).toEqual([])
  expect(deleted).toEqual([])
})

test.each([
  ['a message that there is not', 'nonsense'],
  ['one of another database', '0-1'],
  ['a number that is none', 'x-y'],
])('a press that names %s does nothing', async (_, message) => {
  await world.say('delete 3')
  arrived()
  await press(message, 0)
  expect(arrived().texts).toEqual([])
})

test('a press survives a crash before it was looked at', async () => {
  await world.say('delete 3')
  const { id } = arrived()
  const { text: _, addressed: __, ...place } = world.message('')
  void world.bot.choose({ ...place, message: id, choice: 0 })
  await world.flush()
  world.crash()
  await world.settle()
  expect(deleted).toEqual([3])
})
