import { beforeEach, expect, test } from 'vitest'
import { ChatWorld } from '../support/chat-world.ts'

let world: ChatWorld

beforeEach(() => {
  world = new ChatWorld({ chats: false })
})

const aside = { direct: false, addressed: true, aside: true }

test('what only its sender has seen is answered to its sender alone, also after a crash', async () => {
  const received = world.bot.receive(world.message('What are you?', aside))
  await world.flush()
  await received
  world.crash()
  while (world.calls.length === 0) await world.flush()
  expect(world.calls[0]?.message).toMatchObject({ onlyFor: 'net:anna' })
})

test('what everybody has seen is answered to everybody', async () => {
  const received = world.bot.receive(world.message('What are you?', { ...aside, aside: false }))
  while (world.calls.length === 0) await world.flush()
  await received
  expect(world.calls[0]?.message).toMatchObject({ replyTo: expect.anything() })
  expect(world.calls[0]?.message).not.toHaveProperty('onlyFor')
})
