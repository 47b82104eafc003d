import { expect, test, vi } from 'vitest'
import { openBot } from '../../support/slack/bot.ts'

const eventually = (look: () => void) => vi.waitFor(look, { timeout: 120_000, interval: 50 })

test('a connection that looks open and carries nothing is replaced, and what went into it is heard', async () => {
  const { server, anna, direct, heard } = await openBot()
  const said = Array.from({ length: 6 }, (_, number) => `message ${number}`)
  server.socketMode.halfClose()
  for (const text of said) server.says(anna, direct, text)
  await eventually(() => expect(heard.length).toBeGreaterThan(0))
  await eventually(() => expect(new Set(heard.map(({ text }) => text))).toEqual(new Set(said)))
  await eventually(() => expect(server.socketMode.connections).toBe(2))
  expect(server.socketMode.pending).toBe(0)
})
